"""Who belongs to a department: operators, groups, and groups it is public to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

from actions.administration.editing import Edit, words
from actions.administration.form import Form
from models.desk import Department, DepartmentGroup, DepartmentOperator
from models.hierarchy import OperatorGroup
from models.people import Operator


class MemberFields(TypedDict, total=False):
    """Who comes and who goes."""

    add_operator_ids: Sequence[int]
    remove_operator_ids: Sequence[int]
    add_group_ids: Sequence[int]
    remove_group_ids: Sequence[int]
    add_public_group_ids: Sequence[int]
    remove_public_group_ids: Sequence[int]


Named = dict[int, str]
"""Names by id."""


@dataclass
class Membership:
    """The three sets of one department, as they were and as they are to be."""

    department: Department
    before: dict[str, Named] = field(default_factory=dict[str, Named])
    after: dict[str, Named] = field(default_factory=dict[str, Named])

    @classmethod
    async def of(cls, form: Form, department: Department, fields: MemberFields) -> "Membership":
        """As the fields want them; what cannot be is said to the form."""
        found = cls(department)
        given: Mapping[str, Any] = fields
        for what, model in (
            ("operator", Operator), ("group", OperatorGroup), ("public_group", OperatorGroup),
        ):  # fmt: skip
            now = await found._now(what)
            found.before[what] = dict(now)
            gone: set[int] = set(given.get(f"remove_{what}_ids", ()))
            path = "add" + "".join(part.capitalize() for part in what.split("_")) + "Ids"
            come = await form.rows(
                model, given.get(f"add_{what}_ids", ()), path, f"{what.replace('_', ' ')}s"
            )
            for one in come:
                if (
                    isinstance(one, Operator)
                    and not one.active
                    and one.id not in found.before[what]
                ):
                    form.wrong(path, f"{one.name} is not active: activate them first.")
            now = {id: name for id, name in now.items() if id not in gone}
            found.after[what] = {**now, **{one.id: one.name for one in come}}
        for id in found.after["group"].keys() & found.after["public_group"].keys():
            name = found.after["group"][id]
            form.wrong("addPublicGroupIds", f"{name} cannot be member and guest at once.")
        return found

    async def write(self, edit: Edit[Department]) -> None:
        """Have them go, then come: a guest may become a member. The log has the names."""
        for what, after in self.after.items():
            for id in self.before[what].keys() - after.keys():
                await self._rows(what).filter(**{self._column(what): id}).delete()
        for what, after in self.after.items():
            before = self.before[what]
            for id in sorted(after.keys() - before.keys()):
                await self._add(what, id)
            if before.keys() != after.keys():
                was, now = set(before.values()), set(after.values())
                edit.note(f"{what}s", words(was), words(now))

    async def _now(self, what: str) -> Named:
        if self.department.pk is None:
            return {}
        relation = "operator" if what == "operator" else "group"
        lines = await self._rows(what).prefetch_related(relation)
        people = [getattr(line, relation) for line in lines]
        return {one.id: one.name for one in people}

    def _rows(self, what: str) -> Any:
        if what == "operator":
            return DepartmentOperator.filter(department_id=self.department.id)
        public = what == "public_group"
        return DepartmentGroup.filter(department_id=self.department.id, public=public)

    async def _add(self, what: str, id: int) -> None:
        if what == "operator":
            await DepartmentOperator.create(department_id=self.department.id, operator_id=id)
        else:
            await DepartmentGroup.create(
                department_id=self.department.id, group_id=id, public=what == "public_group"
            )

    @staticmethod
    def _column(what: str) -> str:
        return "operator_id" if what == "operator" else "group_id"
