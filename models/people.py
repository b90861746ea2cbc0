"""Operators, contacts, organisations: who speaks."""

from datetime import datetime
from typing import Any

from tortoise.indexes import Index
from tortoise.models import Model

from models import columns


class Operator(Model):
    """A member of staff who works on tickets."""

    id: int = columns.BigIntField(primary_key=True)
    name: str = columns.CharField(max_length=200)
    email: str = columns.CharField(max_length=254, unique=True)
    """Lower case."""
    password_hash: str = columns.CharField(max_length=200, default="")
    active: bool = columns.BooleanField(default=True)
    role_id: int
    role: Any = columns.ForeignKeyField(
        "models.Role", related_name=False, on_delete=columns.RESTRICT
    )
    default_department_id: int | None
    default_department: Any = columns.ForeignKeyField(
        "models.Department", related_name=False, null=True, on_delete=columns.SET_NULL
    )
    language: str = columns.CharField(max_length=10, default="en")
    time_zone: str = columns.CharField(max_length=60, default="UTC")
    """An IANA name; "today" is theirs."""
    signature: str = columns.TextField(default="", db_default="")
    """Plain text, under their replies where the department wants personal signatures."""
    muted_email: list[str] = columns.JSONField(default=list, db_default=[])
    """Kinds of notification they do not want by mail."""
    muted_in_app: list[str] = columns.JSONField(default=list, db_default=[])
    """Kinds they do not want in the dashboard."""

    class Meta(Model.Meta):
        table = "operator"


class Organisation(Model):
    """The firm or family a contact belongs to."""

    id: int = columns.BigIntField(primary_key=True)
    name: str = columns.CharField(max_length=200)
    shares_tickets: bool = columns.BooleanField(default=False)

    class Meta(Model.Meta):
        table = "organisation"


class ContactGroup(Model):
    """A set of contacts the desk treats alike, a contact being in one at most."""

    id: int = columns.BigIntField(primary_key=True)
    name: str = columns.CharField(max_length=200)

    class Meta(Model.Meta):
        table = "contact_group"


class Contact(Model):
    """A customer."""

    id: int = columns.BigIntField(primary_key=True)
    name: str = columns.CharField(max_length=200, default="")
    email: str | None = columns.CharField(max_length=254, unique=True, null=True)
    """Lower case."""
    password_hash: str = columns.CharField(max_length=200, default="")
    language: str = columns.CharField(max_length=10, default="en")
    organisation_id: int | None
    organisation: Any = columns.ForeignKeyField(
        "models.Organisation", related_name=False, null=True, on_delete=columns.SET_NULL
    )
    contact_group_id: int | None
    contact_group: Any = columns.ForeignKeyField(
        "models.ContactGroup", related_name=False, null=True, on_delete=columns.SET_NULL
    )
    blocked: bool = columns.BooleanField(default=False)
    merged_into_id: int | None
    merged_into: Any = columns.ForeignKeyField(
        "models.Contact", related_name=False, null=True, on_delete=columns.RESTRICT
    )
    """Who they turned out to be: this row keeps their address alone, and leads there."""
    created_at: datetime = columns.DatetimeField()
    undeliverable_since: datetime | None = columns.DatetimeField(null=True)
    """When mail to their address came back for good; null once they write, or it is changed."""

    @property
    def display_name(self) -> str:
        """The name, or the address, or a number: never empty."""
        return self.name or self.email or f"Contact {self.id}"

    class Meta(Model.Meta):
        table = "contact"
        indexes = (Index(fields=("organisation_id",)), Index(fields=("merged_into_id",)))
