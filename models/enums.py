"""The closed lists of the domain; the names are the API's."""

from enum import StrEnum


class Turn(StrEnum):
    """Who must speak next."""

    OPERATOR = "OPERATOR"
    CONTACT = "CONTACT"
    CLOSED = "CLOSED"


class Level(StrEnum):
    """How much a category's operator must know; contacts never learn it."""

    BASE = "BASE"
    ADVANCED = "ADVANCED"


class Priority(StrEnum):
    """How soon."""

    LOW = "LOW"
    NORMAL = "NORMAL"
    HIGH = "HIGH"
    URGENT = "URGENT"


class Severity(StrEnum):
    """How bad."""

    MINOR = "MINOR"
    MAJOR = "MAJOR"
    CRITICAL = "CRITICAL"


class TicketSource(StrEnum):
    """Where a ticket or a message came in."""

    CLIENT_AREA = "CLIENT_AREA"
    OPERATOR = "OPERATOR"
    EMAIL = "EMAIL"
    WIDGET = "WIDGET"
    API = "API"
    PHONE = "PHONE"
    CHANNEL = "CHANNEL"


class EntryKind(StrEnum):
    """What one line of a timeline is."""

    CONTACT_MESSAGE = "CONTACT_MESSAGE"
    OPERATOR_REPLY = "OPERATOR_REPLY"
    INTERNAL_NOTE = "INTERNAL_NOTE"
    SYSTEM_EVENT = "SYSTEM_EVENT"


VISIBLE_KINDS = frozenset({EntryKind.CONTACT_MESSAGE, EntryKind.OPERATOR_REPLY})
"""What a contact may read."""


class SystemEventKind(StrEnum):
    """What happened to a ticket, apart from posts."""

    CATEGORY_CHANGED = "CATEGORY_CHANGED"
    LEVEL_CHANGED = "LEVEL_CHANGED"
    ASSIGNED = "ASSIGNED"
    TRANSFERRED = "TRANSFERRED"
    UPDATED = "UPDATED"
    CLOSED = "CLOSED"
    CONVERTED = "CONVERTED"
    LOCK_TAKEN_OVER = "LOCK_TAKEN_OVER"
    DOCUMENT_DELIVERED = "DOCUMENT_DELIVERED"
    DOCUMENT_DOWNLOADED = "DOCUMENT_DOWNLOADED"
    DOCUMENT_WITHDRAWN = "DOCUMENT_WITHDRAWN"
    RULE_APPLIED = "RULE_APPLIED"
    SLA_WARNED = "SLA_WARNED"
    SLA_BREACHED = "SLA_BREACHED"
    RATED = "RATED"
    MERGED = "MERGED"
    FOLLOW_UP_OPENED = "FOLLOW_UP_OPENED"
    MAIL_BOUNCED = "MAIL_BOUNCED"
    DELETED = "DELETED"
    RESTORED = "RESTORED"


class TicketAction(StrEnum):
    """What an operator may do with a ticket."""

    REPLY = "REPLY"
    NOTE = "NOTE"
    CHANGE_CATEGORY = "CHANGE_CATEGORY"
    CHANGE_LEVEL = "CHANGE_LEVEL"
    ASSIGN = "ASSIGN"
    TRANSFER = "TRANSFER"
    UPDATE = "UPDATE"
    MERGE = "MERGE"
    CONVERT = "CONVERT"
    CLOSE = "CLOSE"
    DELETE = "DELETE"
    TAKE_OVER_LOCK = "TAKE_OVER_LOCK"
    VIEW = "VIEW"


class DraftKind(StrEnum):
    """What an unsent text will become."""

    REPLY = "REPLY"
    NOTE = "NOTE"


class DeliveryState(StrEnum):
    """How far a reply's mail has come."""

    NOT_SENT = "NOT_SENT"
    QUEUED = "QUEUED"
    SENDING = "SENDING"
    SENT = "SENT"
    UNCERTAIN = "UNCERTAIN"
    FAILED = "FAILED"
    BOUNCED = "BOUNCED"


class ViewerState(StrEnum):
    """What an operator who has a ticket open is doing."""

    VIEWING = "VIEWING"
    REPLYING = "REPLYING"
    IDLE = "IDLE"


class FeedResetReason(StrEnum):
    """Why a feed could not go on from its cursor."""

    TOO_FAR_BEHIND = "TOO_FAR_BEHIND"
    RESTORED = "RESTORED"
    UNKNOWN_CURSOR = "UNKNOWN_CURSOR"


class TicketSharing(StrEnum):
    """What operators may do with tickets that are not theirs (gate 5)."""

    PRIVATE = "PRIVATE"
    PUBLIC_READ = "PUBLIC_READ"
    PUBLIC_WRITE = "PUBLIC_WRITE"


class NotificationKind(StrEnum):
    """What operators are told of."""

    NEW_TICKET = "NEW_TICKET"
    ASSIGNED = "ASSIGNED"
    MENTIONED = "MENTIONED"
    CONTACT_REPLIED = "CONTACT_REPLIED"
    SLA_BREACHED = "SLA_BREACHED"


class Right(StrEnum):
    """What a profile may grant: `module.verb` (view, write, delete) or a single right."""

    TICKETS_VIEW = "tickets.view"
    TICKETS_WRITE = "tickets.write"
    TICKETS_DELETE = "tickets.delete"
    CONTACTS_VIEW = "contacts.view"
    CONTACTS_WRITE = "contacts.write"
    CONTACTS_DELETE = "contacts.delete"
    CASES_VIEW = "cases.view"
    CASES_WRITE = "cases.write"
    CASES_DELETE = "cases.delete"
    DOCUMENTS_VIEW = "documents.view"
    DOCUMENTS_WRITE = "documents.write"
    DOCUMENTS_DELETE = "documents.delete"
    REPORTS_VIEW = "reports.view"
    REPORTS_WRITE = "reports.write"
    REPORTS_DELETE = "reports.delete"
    SETTINGS_VIEW = "settings.view"
    SETTINGS_WRITE = "settings.write"
    SETTINGS_DELETE = "settings.delete"
    VIEW_ALL_TICKETS = "view_all_tickets"
    TAKE_OVER_LOCK = "take_over_lock"
    ADMINISTER = "administer"
