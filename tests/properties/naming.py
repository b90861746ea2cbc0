"""Mutations that name a ticket, found in the schemas, and what else their inputs need."""

from typing import Any

from graphql import GraphQLSchema

from tests.schema.walking import fields_of

Named = tuple[str, str]
"""A mutation, and a field of its input."""
TICKETS = {"ticketId", "followUpOfId"}
OTHERS = {
    "addGroupIds", "addOperatorIds", "addPublicGroupIds", "assigneeId", "categoryId",
    "categoryIds", "contactGroupId", "contactId", "defaultContactGroupId", "defaultDepartmentId",
    "departmentId", "grantId", "groupId", "handTo", "mailId", "mentionIds", "operatorId",
    "organisationId",
    "parentId", "profileId", "removeGroupIds", "removeOperatorIds", "removePublicGroupIds",
    "roleId", "tokenId", "uploadIds", "upToId", "mailboxId", "incomingMailboxId",
    "outgoingMailboxId",
}  # fmt: skip
"""What fields of inputs name a ticket, and what something else, by their own name."""
BY_MUTATION = {("ticketMerge", "intoId"): True, ("contactMerge", "intoId"): False}
"""The same of names that say nothing: whether it is a ticket."""

DESK: dict[Named, dict[str, Any]] = {
    ("ticketReply", "ticketId"): {"body": "reply"},
    ("replyResend", "ticketId"): {"number": 1},
    ("mailTemplatePreview", "ticketId"): {
        "kind": "REPLY", "language": "en", "subject": "s", "text": "t",
    },
    ("inboundMailAttach", "ticketId"): {"mailId": "x"},
    ("magicLinksRevoke", "ticketId"): {},
    ("ticketAddNote", "ticketId"): {"body": "note"},
    ("ticketChangeCategory", "ticketId"): {"categoryId": "$category"},
    ("ticketChangeLevel", "ticketId"): {"level": "ADVANCED"},
    ("ticketAssign", "ticketId"): {"assigneeId": "$operator"},
    ("ticketTransfer", "ticketId"): {"departmentId": "$department"},
    ("ticketUpdate", "ticketId"): {"subject": "other"},
    ("ticketClose", "ticketId"): {},
    ("ticketLeave", "ticketId"): {},
    ("replyLockAcquire", "ticketId"): {},
    ("replyLockRenew", "ticketId"): {"lockToken": "1"},
    ("replyLockRelease", "ticketId"): {"lockToken": "1"},
    ("replyLockTakeOver", "ticketId"): {"reason": "holiday"},
    ("replyLockRequest", "ticketId"): {},
    ("draftSave", "ticketId"): {"body": "draft", "baseRevision": 0},
    ("draftDelete", "ticketId"): {},
    ("ticketMarkRead", "ticketId"): {"upTo": 1},
    ("presenceSet", "ticketId"): {"state": "VIEWING"},
    ("ticketMerge", "ticketId"): {"intoId": "$seen"},
    ("ticketMerge", "intoId"): {"ticketId": "$seen"},
    ("ticketDelete", "ticketId"): {},
    ("ticketRestore", "ticketId"): {},
    ("ticketOpen", "followUpOfId"): {
        "subject": "again", "body": "again", "contactId": "$contact", "categoryId": "$category",
    },
}  # fmt: skip
CLIENT: dict[Named, dict[str, Any]] = {
    ("messagePost", "ticketId"): {"body": "message"},
    ("ticketRate", "ticketId"): {"positive": True},
    ("ticketOpen", "followUpOfId"): {"subject": "again", "body": "again"},
}
"""With `$kind` where an id of what there is belongs."""


def naming(schema: GraphQLSchema) -> tuple[set[Named], set[Named]]:
    """What names a ticket, and what nobody has yet said of whether it does."""
    named: set[Named] = set()
    unsaid: set[Named] = set()
    for mutation, field in fields_of(schema.type_map["Mutation"]).items():
        if "input" not in field.args:
            continue
        for name, given in fields_of(schema.type_map[str(field.args["input"].type)[:-1]]).items():
            if name in TICKETS or BY_MUTATION.get((mutation, name)):
                named.add((mutation, name))
            elif (
                str(given.type).strip("[]!") == "ID"
                and name not in OTHERS
                and (mutation, name) not in BY_MUTATION
            ):
                unsaid.add((mutation, name))
    return named, unsaid
