"""Files, as operators see them."""

from datetime import datetime

import strawberry
from strawberry import Parent

from models import documents
from schema.core import Info, global_id
from schema.desk.people import Node


@strawberry.type(description="A file of a contact's archive, given in either direction.")
class Document(Node):
    id: strawberry.ID = global_id("Document")
    name: str = strawberry.field(description="The file's name.")
    media_type: str = strawberry.field(description="Found from the content, not from the name.")
    sha256: str = strawberry.field(description="Of the content, in hexadecimal.")
    created_at: datetime = strawberry.field(description="When it was given.")
    internal: bool = strawberry.field(
        description="Attached to a note, or withdrawn: never in the client schema."
    )

    @strawberry.field(description="In bytes.")
    def size(self, document: Parent[documents.Document]) -> float:
        return float(document.size)

    @strawberry.field(
        description="Signed for the viewer, for 5 minutes; relative to the server's address."
    )
    async def download_url(self, document: Parent[documents.Document], info: Info) -> str:
        caller = await info.context.operator()
        return info.context.services.download_url(document.id, caller.session_id)

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, documents.Document)
