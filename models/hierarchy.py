"""Profiles, the role tree and groups: what the seeing rule is made of."""

from typing import Any

from tortoise.models import Model

from models import columns
from models.enums import Right


class Profile(Model):
    """What an operator may do."""

    id: int = columns.BigIntField(primary_key=True)
    name: str = columns.CharField(max_length=200)
    rights: list[str] = columns.JSONField(default=list)

    def grants(self) -> frozenset[Right]:
        """The rights, typed."""
        return frozenset(Right(right) for right in self.rights)

    class Meta(Model.Meta):
        table = "profile"


class Role(Model):
    """A place in the hierarchy, superiors see what their subordinates own."""

    id: int = columns.BigIntField(primary_key=True)
    name: str = columns.CharField(max_length=200)
    parent_id: int | None
    parent: Any = columns.ForeignKeyField(
        "models.Role", related_name=False, null=True, on_delete=columns.RESTRICT
    )
    profile_id: int
    profile: Any = columns.ForeignKeyField(
        "models.Profile", related_name=False, on_delete=columns.RESTRICT
    )

    class Meta(Model.Meta):
        table = "role"


class OperatorGroup(Model):
    """A named set of operators, to which tickets are assigned."""

    id: int = columns.BigIntField(primary_key=True)
    name: str = columns.CharField(max_length=200)
    default_department_id: int | None
    default_department: Any = columns.ForeignKeyField(
        "models.Department", related_name=False, null=True, on_delete=columns.SET_NULL
    )
    """Where tickets opened by a member go who has no default of their own."""

    class Meta(Model.Meta):
        table = "operator_group"


class GroupMember(Model):
    """One line of a group's definition: an operator, a role (with subordinates), or a group."""

    id: int = columns.BigIntField(primary_key=True)
    group_id: int
    group: Any = columns.ForeignKeyField("models.OperatorGroup", related_name=False)
    operator_id: int | None
    operator: Any = columns.ForeignKeyField("models.Operator", related_name=False, null=True)
    role_id: int | None
    role: Any = columns.ForeignKeyField("models.Role", related_name=False, null=True)
    with_subordinates: bool = columns.BooleanField(default=False)
    member_group_id: int | None
    member_group: Any = columns.ForeignKeyField(
        "models.OperatorGroup", related_name=False, null=True
    )

    class Meta(Model.Meta):
        table = "group_member"
