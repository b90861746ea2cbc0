"""The desk itself: its settings, departments and categories."""

from typing import Any

from tortoise.models import Model

from models import columns
from models.enums import Level, TicketSharing


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
    limited_view: bool = columns.BooleanField(default=False)
    """Guests may only reply and edit fields."""
    assignees_members_only: bool = columns.BooleanField(default=False)
    offered_for_solving: bool = columns.BooleanField(default=False)
    staff_name: str = columns.CharField(max_length=200, default="")
    """Shown to contacts instead of the operator's own name."""
    staff_avatar: str = columns.CharField(max_length=500, default="")

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
