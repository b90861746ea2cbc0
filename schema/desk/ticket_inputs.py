"""What the ticket mutations of the desk are given; `request()` makes it the action's own."""

import strawberry

from models.enums import Level, Priority, Severity, TicketSource
from resolvers.ids import local_id
from resolvers.writes import requests
from schema.desk.inputs import (
    HTML,
    IDEMPOTENCY,
    IF_HELD,
    LAST_SEEN,
    NOTE,
    TICKET,
    UPLOADS,
    assignee_of,
    optional_id,
    ticket_id,
    uploads,
)


@strawberry.input(description="A ticket to open for a contact.")
class TicketOpenInput:
    subject: str = strawberry.field(description="One line, at most 250 characters.")
    body: str = strawberry.field(description=HTML)
    contact_id: strawberry.ID | None = strawberry.field(
        default=None, description="Whose; either this or contactEmail."
    )
    contact_email: str | None = strawberry.field(
        default=None, description="Finds or creates the contact."
    )
    contact_name: str | None = strawberry.field(
        default=None, description="For a contact that is created."
    )
    category_id: strawberry.ID | None = strawberry.field(
        default=None, description="One of categories(for: OPEN); required when any is in use."
    )
    department_id: strawberry.ID | None = strawberry.field(
        default=None, description="If not the category's, else the opener's default."
    )
    upload_ids: list[strawberry.ID] | None = strawberry.field(default=None, description=UPLOADS)
    close_after_sending: bool | None = strawberry.field(
        default=False, description="Nothing more is to be said."
    )
    priority: Priority | None = strawberry.field(default=None, description="How soon.")
    severity: Severity | None = strawberry.field(default=None, description="How bad.")
    assignee_id: strawberry.ID | None = strawberry.field(
        default=None, description="An operator or a group."
    )
    source: TicketSource | None = strawberry.field(
        default=None, description="Where it came in; default OPERATOR."
    )
    on_behalf_of_contact: bool | None = strawberry.field(
        default=False,
        description=(
            "The text is the contact's own words (a call written down): turn OPERATOR, no mail of "
            "it to the contact."
        ),
    )
    follow_up_of_id: strawberry.ID | None = strawberry.field(
        default=None, description="A closed ticket of the same contact."
    )
    tags: list[str] | None = strawberry.field(default=None, description="Free words.")
    idempotency_key: str | None = strawberry.field(default=None, description=IDEMPOTENCY)

    def request(self) -> requests.Open:
        return requests.Open(
            subject=self.subject,
            body=self.body,
            contact_id=optional_id(self.contact_id, "Contact"),
            contact_email=self.contact_email,
            contact_name=self.contact_name,
            category_id=optional_id(self.category_id, "Category"),
            department_id=optional_id(self.department_id, "Department"),
            upload_ids=uploads(self.upload_ids),
            close_after_sending=bool(self.close_after_sending),
            priority=self.priority,
            severity=self.severity,
            assignee=assignee_of(self.assignee_id),
            source=self.source,
            on_behalf_of_contact=bool(self.on_behalf_of_contact),
            follow_up_of_id=optional_id(self.follow_up_of_id, "Ticket"),
            tags=tuple(self.tags or ()),
            idempotency_key=self.idempotency_key,
        )


@strawberry.input(description="A reply to a ticket.")
class TicketReplyInput:
    ticket_id: strawberry.ID = strawberry.field(description=TICKET)
    body: str = strawberry.field(description=HTML)
    upload_ids: list[strawberry.ID] | None = strawberry.field(default=None, description=UPLOADS)
    close_after_sending: bool | None = strawberry.field(
        default=False, description="Nothing more is to be said."
    )
    lock_token: str | None = strawberry.field(
        default=None,
        description=(
            "Required while the lock is held; on a free ticket the reply takes and gives back "
            "its own."
        ),
    )
    last_seen_entry: int | None = strawberry.field(default=None, description=LAST_SEEN)
    idempotency_key: str | None = strawberry.field(default=None, description=IDEMPOTENCY)

    def request(self) -> requests.Reply:
        return requests.Reply(
            ticket_id=ticket_id(self.ticket_id),
            body=self.body,
            upload_ids=uploads(self.upload_ids),
            close_after_sending=bool(self.close_after_sending),
            lock_token=self.lock_token,
            last_seen_entry=self.last_seen_entry,
            idempotency_key=self.idempotency_key,
        )


@strawberry.input(description="A note among operators.")
class TicketAddNoteInput:
    ticket_id: strawberry.ID = strawberry.field(description=TICKET)
    body: str = strawberry.field(description=HTML)
    upload_ids: list[strawberry.ID] | None = strawberry.field(default=None, description=UPLOADS)
    mention_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Operators to call on, who see the ticket."
    )
    lock_token: str | None = strawberry.field(default=None, description=IF_HELD)
    idempotency_key: str | None = strawberry.field(default=None, description=IDEMPOTENCY)

    def request(self) -> requests.AddNote:
        return requests.AddNote(
            ticket_id=ticket_id(self.ticket_id),
            body=self.body,
            upload_ids=uploads(self.upload_ids),
            mention_ids=tuple(local_id(id, "Operator") for id in self.mention_ids or ()),
            lock_token=self.lock_token,
            idempotency_key=self.idempotency_key,
        )


@strawberry.input(description="A ticket to close, with or without a last message.")
class TicketCloseInput:
    ticket_id: strawberry.ID = strawberry.field(description=TICKET)
    body: str | None = strawberry.field(default=None, description="A last reply. " + HTML)
    upload_ids: list[strawberry.ID] | None = strawberry.field(default=None, description=UPLOADS)
    lock_token: str | None = strawberry.field(default=None, description=IF_HELD)
    last_seen_entry: int | None = strawberry.field(default=None, description=LAST_SEEN)
    idempotency_key: str | None = strawberry.field(default=None, description=IDEMPOTENCY)

    def request(self) -> requests.Close:
        return requests.Close(
            ticket_id=ticket_id(self.ticket_id),
            body=self.body,
            upload_ids=uploads(self.upload_ids),
            lock_token=self.lock_token,
            last_seen_entry=self.last_seen_entry,
            idempotency_key=self.idempotency_key,
        )


@strawberry.input(description="Another category for a ticket.")
class TicketChangeCategoryInput:
    ticket_id: strawberry.ID = strawberry.field(description=TICKET)
    category_id: strawberry.ID = strawberry.field(description="One of categories(for: CHANGE).")
    note: str | None = strawberry.field(default=None, description=NOTE)
    keep_department: bool | None = strawberry.field(
        default=False, description="Stay in the department instead of following the category."
    )
    lock_token: str | None = strawberry.field(default=None, description=IF_HELD)

    def request(self) -> requests.ChangeCategory:
        return requests.ChangeCategory(
            ticket_id=ticket_id(self.ticket_id),
            category_id=local_id(self.category_id, "Category"),
            note=self.note,
            keep_department=bool(self.keep_department),
            lock_token=self.lock_token,
        )


@strawberry.input(description="Another level for a ticket.")
class TicketChangeLevelInput:
    ticket_id: strawberry.ID = strawberry.field(description=TICKET)
    level: Level = strawberry.field(description="The new one.")
    note: str | None = strawberry.field(default=None, description=NOTE)
    lock_token: str | None = strawberry.field(default=None, description=IF_HELD)

    def request(self) -> requests.ChangeLevel:
        return requests.ChangeLevel(
            ticket_id(self.ticket_id), self.level, self.note, self.lock_token
        )


@strawberry.input(description="Whose a ticket is to be.")
class TicketAssignInput:
    ticket_id: strawberry.ID = strawberry.field(description=TICKET)
    assignee_id: strawberry.ID | None = strawberry.field(
        default=None, description="An operator or a group; null lets it go."
    )
    lock_token: str | None = strawberry.field(default=None, description=IF_HELD)

    def request(self) -> requests.Assign:
        return requests.Assign(
            ticket_id(self.ticket_id), assignee_of(self.assignee_id), self.lock_token
        )


@strawberry.input(description="Another department for a ticket.")
class TicketTransferInput:
    ticket_id: strawberry.ID = strawberry.field(description=TICKET)
    department_id: strawberry.ID = strawberry.field(description="One of departments.")
    note: str | None = strawberry.field(default=None, description=NOTE)
    lock_token: str | None = strawberry.field(default=None, description=IF_HELD)

    def request(self) -> requests.Transfer:
        return requests.Transfer(
            ticket_id=ticket_id(self.ticket_id),
            department_id=local_id(self.department_id, "Department"),
            note=self.note,
            lock_token=self.lock_token,
        )


@strawberry.input(description="Fields of a ticket; those left out stay as they are.")
class TicketUpdateInput:
    ticket_id: strawberry.ID = strawberry.field(description=TICKET)
    subject: str | None = strawberry.field(default=None, description="One line.")
    priority: Priority | None = strawberry.field(default=None, description="How soon.")
    severity: Severity | None = strawberry.field(
        default=strawberry.UNSET, description="How bad; null clears it."
    )
    add_tags: list[str] | None = strawberry.field(default=None, description="Tags to put on.")
    remove_tags: list[str] | None = strawberry.field(default=None, description="Tags to take off.")
    lock_token: str | None = strawberry.field(default=None, description=IF_HELD)

    def request(self) -> requests.Update:
        given = self.severity is not strawberry.UNSET
        return requests.Update(
            ticket_id=ticket_id(self.ticket_id),
            subject=self.subject,
            priority=self.priority,
            severity=self.severity if given else requests.UNSET,
            add_tags=tuple(self.add_tags or ()),
            remove_tags=tuple(self.remove_tags or ()),
            lock_token=self.lock_token,
        )


@strawberry.input(description="A ticket to merge into another of the same contact.")
class TicketMergeInput:
    ticket_id: strawberry.ID = strawberry.field(description="The one that is closed.")
    into_id: strawberry.ID = strawberry.field(description="The one that goes on.")
    lock_token: str | None = strawberry.field(
        default=None,
        description="Of the lock on the ticket that is closed, if the caller holds it.",
    )

    def request(self) -> requests.Merge:
        return requests.Merge(ticket_id(self.ticket_id), ticket_id(self.into_id), self.lock_token)
