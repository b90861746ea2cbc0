"""Counts the SQL statements a piece of a test sends, on either database."""

import logging
from collections.abc import Generator
from contextlib import contextmanager


class Statements(logging.Handler):
    """What Tortoise's client logged."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.sent: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
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
