"""How much of a mail is looked at: what goes beyond stays in the original, and is said."""

RAW_BYTES = 25 * 1024 * 1024
HEAD_BYTES = 1_000_000
HEADERS = 2_000
HEADER_BYTES = 400_000
"""One header: 5,000 recipients with names fit in."""
PARAMETERS = 100
DEPTH = 50
PARTS = 1_000
PIECES = 50
"""Texts that follow each other in one mail; more are attachments."""
FILES = 100
NESTED_MAILS = 4
"""Mails within a forwarded mail that are files of their own too."""
LINKS = 5_000
IMAGES = 500
RECIPIENTS = 1_000
CANDIDATES = 5_000
"""Addresses a mail may have come in by."""
IDS = 50
NAME = 200
SUBJECT = 250
SHOWN = 500
NOTES = 50
RAW_HTML = 2_000_000
"""Characters of HTML that are put in order."""
HTML_BYTES = 200_000
TEXT_BYTES = 200_000
"""What an entry of the timeline takes; the whole becomes an attachment."""
