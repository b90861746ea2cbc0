"""Tables, the seeing rule and invariants; no I/O but the database."""

MODULES = (
    "models.desk",
    "models.documents",
    "models.drafts",
    "models.hierarchy",
    "models.magic_links",
    "models.mailboxes",
    "models.mails",
    "models.notifications",
    "models.people",
    "models.records",
    "models.sessions",
    "models.tickets",
    "models.timeline",
)
"""Where Tortoise finds the tables."""
