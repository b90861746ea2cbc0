"""The desk itself: its settings, departments and categories."""

from typing import Any

from tortoise.fields.db_defaults import SqlDefault
from tortoise.models import Model

from models import columns
from models.enums import Level, TicketSharing


def first_languages() -> list[str]:
    """What a new desk speaks."""
    return ["en", "it", "ru"]


class Desk(Model):
    """The one row of settings and of what every process must agree on."""

    id: int = columns.IntField(primary_key=True)
    epoch: str = columns.CharField(max_length=32)
    """Minted at install and at every restore: a cursor of another epoch cannot be replayed."""
    rights_version: int = columns.BigIntField()
    """Moves with every change of who may see what; begins at random, so that no two desks share."""
    restrict_to_departments: bool = columns.BooleanField(default=True)
    ticket_sharing: TicketSharing = columns.CharEnumField(
        TicketSharing, max_length=20, default=TicketSharing.PUBLIC_WRITE
    )
    lock_lease_s: int = columns.IntField(default=45)
    lock_grace_s: int = columns.IntField(default=15)
    upload_limit_bytes: int = columns.BigIntField(default=100_000_000)
    forbidden_types: list[str] = columns.JSONField(default=list, db_default=[])
    """Media types that are not taken as attachments: `type/subtype` or `type/*`."""
    languages: list[str] = columns.JSONField(
        default=first_languages, db_default=SqlDefault("""'["en", "it", "ru"]'""")
    )
    """Of operators and contacts (BCP 47); the first is the default."""
    magic_link_days: int = columns.IntField(default=30, db_default=30)
    survey: bool = columns.BooleanField(default=True, db_default=True)
    """Whether contacts are asked to rate closed tickets."""
    notices_before_digest: int = columns.IntField(default=5, db_default=5)
    """Mails an operator gets of notifications within ten minutes; more come together in one."""

    class Meta(Model.Meta):
        table = "desk"


class Department(Model):
    """An organisational unit that owns tickets and talks to contacts."""

    id: int = columns.BigIntField(primary_key=True)
    name: str = columns.CharField(max_length=200)
    email: str = columns.CharField(max_length=254, default="")
    parent_id: int | None
    parent: Any = columns.ForeignKeyField(
        "models.Department", related_name=False, null=True, on_delete=columns.RESTRICT
    )
    hidden: bool = columns.BooleanField(default=False)
    """Contacts do not see it, nor the categories routed to it."""
    default_language: str = columns.CharField(max_length=10, default="", db_default="")
    """Of people it meets first; empty for the desk's."""
    default_contact_group_id: int | None
    default_contact_group: Any = columns.ForeignKeyField(
        "models.ContactGroup", related_name=False, null=True, on_delete=columns.SET_NULL
    )
    """Of people it meets first."""
    notify_members: bool = columns.BooleanField(default=True, db_default=True)
    """Members are told of new tickets."""
    aliases: list[str] = columns.JSONField(default=list, db_default=[])
    """Further addresses, lower case: mail to them is mail to the department."""
    limited_view: bool = columns.BooleanField(default=False)
    """Guests may only reply and edit fields."""
    assignees_members_only: bool = columns.BooleanField(default=False)
    offered_for_solving: bool = columns.BooleanField(default=False)
    staff_name: str = columns.CharField(max_length=200, default="")
    """Shown to contacts instead of the operator's own name."""
    staff_avatar: str = columns.CharField(max_length=500, default="")
    signature: str = columns.TextField(default="", db_default="")
    """Plain text, under its mail."""
    incoming_mailbox_id: int | None
    incoming_mailbox: Any = columns.ForeignKeyField(
        "models.Mailbox", related_name=False, null=True, on_delete=columns.RESTRICT
    )
    """Where its mail arrives; several departments may share one."""
    outgoing_mailbox_id: int | None
    outgoing_mailbox: Any = columns.ForeignKeyField(
        "models.Mailbox", related_name=False, null=True, on_delete=columns.RESTRICT
    )
    """By which it writes; without one its contacts get no mail."""
    personal_signatures: bool = columns.BooleanField(default=False, db_default=False)
    """Operators' own signatures go under their replies, before the department's."""
    survey: bool = columns.BooleanField(default=True, db_default=True)
    """Its contacts are asked to rate, where the desk asks at all."""

    class Meta(Model.Meta):
        table = "department"


class DepartmentOperator(Model):
    """An operator's own membership of a department."""

    id: int = columns.BigIntField(primary_key=True)
    department_id: int
    department: Any = columns.ForeignKeyField("models.Department", related_name=False)
    operator_id: int
    operator: Any = columns.ForeignKeyField("models.Operator", related_name=False)

    class Meta(Model.Meta):
        table = "department_operator"
        unique_together = (("department", "operator"),)


class DepartmentGroup(Model):
    """A group's tie to a department: its members are members, or (`public`) guests."""

    id: int = columns.BigIntField(primary_key=True)
    department_id: int
    department: Any = columns.ForeignKeyField("models.Department", related_name=False)
    group_id: int
    group: Any = columns.ForeignKeyField("models.OperatorGroup", related_name=False)
    public: bool = columns.BooleanField(default=False)

    class Meta(Model.Meta):
        table = "department_group"
        unique_together = (("department", "group"),)


class Category(Model):
    """A subject: what a ticket is about, and by that who sees it."""

    id: int = columns.BigIntField(primary_key=True)
    name: str = columns.CharField(max_length=200)
    description: str = columns.TextField(default="")
    parent_id: int | None
    parent: Any = columns.ForeignKeyField(
        "models.Category", related_name=False, null=True, on_delete=columns.RESTRICT
    )
    visible: bool = columns.BooleanField(default=True)
    """Contacts may choose it."""
    department_id: int | None
    department: Any = columns.ForeignKeyField(
        "models.Department", related_name=False, null=True, on_delete=columns.RESTRICT
    )
    initial_level: Level = columns.CharEnumField(Level, max_length=10, default=Level.BASE)
    archived: bool = columns.BooleanField(default=False)
    position: int = columns.IntField(default=0)

    class Meta(Model.Meta):
        table = "category"


class CategoryGrant(Model):
    """Which operator handles which category, at one level."""

    id: int = columns.BigIntField(primary_key=True)
    operator_id: int
    operator: Any = columns.ForeignKeyField("models.Operator", related_name=False)
    category_id: int
    category: Any = columns.ForeignKeyField("models.Category", related_name=False)
    level: Level = columns.CharEnumField(Level, max_length=10, default=Level.BASE)

    class Meta(Model.Meta):
        table = "category_grant"
        unique_together = (("operator", "category"),)
