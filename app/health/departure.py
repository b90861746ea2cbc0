"""The end of a process, told before it comes: who sends requests turns to others."""

from collections.abc import Callable

import structlog
from structlog.typing import FilteringBoundLogger

log: FilteringBoundLogger = structlog.get_logger()


class Departure:
    """Begun by the signal to stop; then `/health/ready` is 503 and sockets are still served."""

    def __init__(self, hang_up: Callable[[], None]) -> None:
        """`hang_up()` ends every live connection, so that its client comes back elsewhere."""
        self.hang_up = hang_up
        self.begun = False

    def begin(self) -> None:
        """Say that the process is about to stop."""
        if not self.begun:
            self.begun = True
            log.info("leaving")
