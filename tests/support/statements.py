"""Counts the SQL statements a piece of a test sends, on either database."""

import asyncio
import logging
from collections.abc import Generator
from contextlib import contextmanager

BY_THE_CLOCK = {
    "lock keeper",
    "sessions watch",
    "position check",
    "notifications check",
    "mailboxes check",
}
"""Tasks whose statements nothing in a test brings about."""


class Statements(logging.Handler):
    """What Tortoise's client logged, but for what the process does by the clock."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.sent: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        task = asyncio.current_task()
        if task is not None and task.get_name() in BY_THE_CLOCK:
            return
        if not text.startswith("Created connection"):
            self.sent.append(text)

    def __len__(self) -> int:
        return len(self.sent)


@contextmanager
def counted() -> Generator[Statements]:
    """The statements sent in the block by every task of this process."""
    logger = logging.getLogger("tortoise.db_client")
    statements, level, propagate = Statements(), logger.level, logger.propagate
    logger.addHandler(statements)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    try:
        yield statements
    finally:
        logger.removeHandler(statements)
        logger.setLevel(level)
        logger.propagate = propagate
