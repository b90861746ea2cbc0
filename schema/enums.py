"""The domain's closed lists, described for the API."""

from models import enums
from schema.core import described

Turn = described(
    enums.Turn,
    "Who must speak next.",
    OPERATOR="The desk must answer.",
    CONTACT="The contact must answer.",
    CLOSED="Nobody: closed is final.",
)
Level = described(
    enums.Level,
    "How much a category's operator must know; contacts never learn it.",
    BASE="Any operator who handles the category.",
    ADVANCED="Only those who handle it at the advanced level.",
)
Priority = described(
    enums.Priority,
    "How soon.",
    LOW="When there is time.",
    NORMAL="In its turn.",
    HIGH="Before others.",
    URGENT="Now.",
)
Severity = described(
    enums.Severity,
    "How bad.",
    MINOR="A nuisance.",
    MAJOR="Work is hindered.",
    CRITICAL="Work has stopped.",
)
TicketSource = described(
    enums.TicketSource,
    "Where a ticket or a message came in.",
    CLIENT_AREA="The contacts' own pages.",
    OPERATOR="An operator opened it.",
    EMAIL="A mail.",
    WIDGET="A widget in somebody's page.",
    API="A program.",
    PHONE="A call written down.",
    CHANNEL="Another channel.",
)
SystemEventKind = described(
    enums.SystemEventKind,
    "What happened to a ticket, apart from posts.",
    CATEGORY_CHANGED="It moved to another category.",
    LEVEL_CHANGED="Its level was raised or lowered.",
    ASSIGNED="It was assigned, or let go.",
    TRANSFERRED="It moved to another department.",
    UPDATED="Fields were edited.",
    CLOSED="It was closed.",
    CONVERTED="A case was made of it.",
    LOCK_TAKEN_OVER="The reply lock was taken from its holder.",
    DOCUMENT_DELIVERED="A document was given to the contact.",
    DOCUMENT_DOWNLOADED="The contact downloaded a document.",
    DOCUMENT_WITHDRAWN="The contact's access to a document was removed.",
    RULE_APPLIED="A rule acted.",
    SLA_WARNED="A target is about to be missed.",
    SLA_BREACHED="A target was missed.",
    RATED="The contact rated it.",
    MERGED="It was merged with another.",
    FOLLOW_UP_OPENED="A ticket that goes on from it was opened.",
    MAIL_BOUNCED="A mail to the contact came back.",
    DELETED="It was deleted.",
    RESTORED="It was restored.",
)
TicketAction = described(
    enums.TicketAction,
    "What an operator may do with a ticket.",
    REPLY="Answer the contact.",
    NOTE="Leave a note for colleagues.",
    CHANGE_CATEGORY="Move it to another category.",
    CHANGE_LEVEL="Raise or lower its level.",
    ASSIGN="Assign it or let it go.",
    TRANSFER="Hand it to another department.",
    UPDATE="Edit its fields.",
    MERGE="Merge it into another.",
    CONVERT="Make a case of it. Nobody may: there are no cases yet.",
    CLOSE="Close it.",
    DELETE="Delete it, or restore it.",
    TAKE_OVER_LOCK="Take the reply lock from its holder.",
    VIEW="See it.",
)
DraftKind = described(
    enums.DraftKind,
    "What an unsent text will become.",
    REPLY="A reply to the contact.",
    NOTE="A note among operators.",
)
DeliveryState = described(
    enums.DeliveryState,
    "How far the mail of a reply has come.",
    NOT_SENT="There is no mail.",
    QUEUED="It waits to be sent.",
    SENDING="It is being sent.",
    SENT="The server took it.",
    UNCERTAIN="The server may have taken it.",
    FAILED="The server refused it.",
    BOUNCED="It came back.",
)
ViewerState = described(
    enums.ViewerState,
    "What an operator who has a ticket open is doing.",
    VIEWING="Looking at it.",
    REPLYING="Holding the reply lock.",
    IDLE="Has it open, but looks elsewhere.",
)
FeedResetReason = described(
    enums.FeedResetReason,
    "Why a feed could not go on from its cursor.",
    TOO_FAR_BEHIND="More was missed than is replayed.",
    RESTORED="The history was restored from a backup.",
    UNKNOWN_CURSOR="The cursor is none this feed gave.",
)
NotificationKind = described(
    enums.NotificationKind,
    "What operators are told of.",
    NEW_TICKET="A new ticket in a department of theirs.",
    ASSIGNED="A ticket was assigned to them.",
    MENTIONED="Somebody mentioned them in a note.",
    CONTACT_REPLIED="The contact wrote on a ticket of theirs.",
    SLA_BREACHED="A target of a ticket of theirs was missed.",
)
TicketSharing = described(
    enums.TicketSharing,
    "What operators may do with tickets that are not theirs.",
    PRIVATE="Not even see them.",
    PUBLIC_READ="See them, and no more.",
    PUBLIC_WRITE="All their profile grants.",
)
_VERBS = {"VIEW": "See", "WRITE": "Make and change", "DELETE": "Delete"}
Right = described(
    enums.Right,
    "What a profile may grant, and the scopes of API tokens.",
    **{
        f"{module}_{verb}": f"{does} {module.lower()}."
        for module in ("TICKETS", "CONTACTS", "CASES", "DOCUMENTS", "REPORTS", "SETTINGS")
        for verb, does in _VERBS.items()
    },
    VIEW_ALL_TICKETS="See every ticket, whatever department, category and owner.",
    TAKE_OVER_LOCK="Take the reply lock from its holder.",
    ADMINISTER="Everything.",
)
