"""Mailboxes tried, before and after they are saved: stage by stage."""

from typing import Annotated, Any

import strawberry

from models.mail_enums import MailDirection
from resolvers.administration import mailboxes
from resolvers.administration.mailboxes import Folder, Outcome, Stage, Step, Tried
from schema.core import Info
from schema.desk.administration.fields import INPUT, administration, local
from schema.desk.administration.mailbox_inputs import MailboxInput
from schema.desk.refusals import InvalidInput, NotFound, NotPermitted

WHICH = (
    "A saved one: what is left out is as it is saved. Null for one that is not saved yet: give "
    "address and server."
)


@strawberry.type(description="One step of a trial, as it went.")
class MailStageResult:
    stage: Stage = strawberry.field(description="Which.")
    outcome: Outcome = strawberry.field(description="How it went.")
    detail: str = strawberry.field(description="What was found, or what the server said.")
    advice: str = strawberry.field(description="What to do about it; empty for nothing.")


@strawberry.type(description="A folder on the server.")
class MailFolder:
    name: str = strawberry.field(description="Its name, with those above.")
    selectable: bool = strawberry.field(description="Whether there can be mails in it.")
    flags: list[str] = strawberry.field(description=r"As the server says them: \Sent, \Trash …")


@strawberry.type(description="How a trial went.")
class MailTrial:
    ok: bool = strawberry.field(description="Whether no stage failed.")
    failed_stage: Stage | None = strawberry.field(description="The stage that failed, if any.")
    stages: list[Step] = strawberry.field(
        graphql_type=list[MailStageResult], description="Every stage, in order."
    )


@strawberry.type(description="Asked for its folders.")
class MailboxFoldersFetched(MailTrial):
    folders: list[Folder] = strawberry.field(
        graphql_type=list[MailFolder], description="As far as they could be listed."
    )


@strawberry.type(description="Tried.")
class MailboxConnectionTested(MailTrial):
    pass


@strawberry.type(description="Tried with a mail.")
class MailboxTestSent(MailTrial):
    answer: str = strawberry.field(description="The server's to the mail; empty before.")


MailboxFetchFoldersResult = Annotated[
    MailboxFoldersFetched | InvalidInput | NotFound | NotPermitted,
    strawberry.union("MailboxFetchFoldersResult", description="Of mailboxFetchFolders."),
]
MailboxTestConnectionResult = Annotated[
    MailboxConnectionTested | InvalidInput | NotFound | NotPermitted,
    strawberry.union("MailboxTestConnectionResult", description="Of mailboxTestConnection."),
]
MailboxSendTestResult = Annotated[
    MailboxTestSent | InvalidInput | NotFound | NotPermitted,
    strawberry.union("MailboxSendTestResult", description="Of mailboxSendTest."),
]


@strawberry.input(description="An IMAP server to ask for its folders.")
class MailboxFetchFoldersInput(MailboxInput):
    mailbox_id: strawberry.ID | None = strawberry.field(default=None, description=WHICH)


@strawberry.input(description="A server to try.")
class MailboxTestConnectionInput(MailboxInput):
    direction: MailDirection = strawberry.field(description="Which of the two.")
    mailbox_id: strawberry.ID | None = strawberry.field(default=None, description=WHICH)


@strawberry.input(description="An SMTP server to send a mail by.")
class MailboxSendTestInput(MailboxInput):
    to: str = strawberry.field(description="Whom to.")
    mailbox_id: strawberry.ID | None = strawberry.field(default=None, description=WHICH)


@strawberry.type(description="Mailboxes tried.")
class MailboxTrialMutations:
    @administration(
        MailboxFetchFoldersResult,
        "Ask a server for its folders; none is opened. Each stage has ten seconds.",
    )
    async def mailbox_fetch_folders(
        self, info: Info, input: Annotated[MailboxFetchFoldersInput, INPUT]
    ) -> Any:
        id = _id(input.mailbox_id)
        done = await mailboxes.fetch_folders(info.context, id, input.fields())
        return MailboxFoldersFetched(**_trial(done), folders=done.folders)

    @administration(
        MailboxTestConnectionResult,
        "Try a server as far as nothing changes on it. Each stage has ten seconds.",
    )
    async def mailbox_test_connection(
        self, info: Info, input: Annotated[MailboxTestConnectionInput, INPUT]
    ) -> Any:
        id = _id(input.mailbox_id)
        done = await mailboxes.test_connection(info.context, id, input.fields(), input.direction)
        return MailboxConnectionTested(**_trial(done))

    @administration(
        MailboxSendTestResult,
        "Send a mail. By a saved mailbox it counts, and stands in the mail log.",
    )
    async def mailbox_send_test(
        self, info: Info, input: Annotated[MailboxSendTestInput, INPUT]
    ) -> Any:
        id = _id(input.mailbox_id)
        done = await mailboxes.send_test(info.context, id, input.fields(), input.to)
        return MailboxTestSent(**_trial(done), answer=done.answer)


def _id(gid: strawberry.ID | None) -> int | None:
    return None if gid is None else local(gid, "Mailbox")


def _trial(done: Tried) -> dict[str, Any]:
    stage = done.failed.stage if done.failed is not None else None
    return {"ok": stage is None, "failed_stage": stage, "stages": done.steps}
