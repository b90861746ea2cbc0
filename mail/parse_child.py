"""What runs in the process apart: mails in by standard input, messages out, until it closes."""

import os
import pickle
import resource
import sys
from contextlib import suppress

from mail.parse import parse

_LENGTH = 8
MEMORY_BYTES = 2 * 1024**3


def main() -> None:
    """Ends with its input, which is when the process that started it does."""
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    out = os.fdopen(os.dup(1), "wb")
    # Whatever a library may want to say is no frame.
    os.dup2(2, 1)
    while length := sys.stdin.buffer.read(_LENGTH):
        raw = sys.stdin.buffer.read(int.from_bytes(length))
        answer = pickle.dumps(parse(raw))
        out.write(len(answer).to_bytes(_LENGTH) + answer)
        out.flush()
