"""The program with a wrong clock."""

import os
from dataclasses import dataclass
from pathlib import Path

from tests.app.program import Program

CUSTOM = Path(__file__).parent / "wrong_clock"


@dataclass(frozen=True)
class Shifted(Program):
    """Its clock is wrong by so many seconds."""

    shift_s: float = 0.0

    @property
    def environment(self) -> dict[str, str]:
        inherited = super().environment
        path = os.pathsep.join(filter(None, (str(CUSTOM), inherited.get("PYTHONPATH"))))
        return {**inherited, "PYTHONPATH": path, "WRONG_CLOCK_S": str(self.shift_s)}


def shifted(program: Program, shift_s: float) -> Shifted:
    """The same program."""
    return Shifted(program.folder, program.bytecode, program.settings, shift_s)
