"""How tickets begin: by operators, by contacts."""

from dataclasses import replace
from typing import Any

import pytest

from actions import tickets
from actions.refusals import InvalidInput, NotPermitted
from actions.tickets.requests import ContactOpen, Open
from models.desk import Category, Department
from models.enums import Level, Priority, Right, Severity, TicketSource
from models.people import Contact, Operator
from models.tickets import Ticket, TicketWord
from tests.actions import stage

pytestmark = pytest.mark.usefixtures("database")


async def by(name: str, topic: str | None = stage.RINNOVO, **fields: Any) -> Ticket:
    request = Open("Ciao", "testo", contact_email="mario@demo.test")
    if topic is not None:
        request = replace(request, category_id=await stage.category(topic))
    request = replace(request, **fields)
    return (await tickets.open_for(request, await stage.operator(name))).ticket


async def refused(name: str, path: str, topic: str | None = stage.RINNOVO, **fields: Any) -> None:
    before = await Contact.all().count()
    with pytest.raises(InvalidInput) as caught:
        await by(name, topic, **fields)
    assert path in [".".join(one.path) for one in caught.value.fields]
    assert await Contact.all().count() == before
    assert await Ticket.all().count() == 0


async def contact_opens(**fields: Any) -> Ticket:
    request = replace(ContactOpen("Ciao", "testo"), **fields)
    return (await tickets.open_by_contact(request, await stage.contact("mario"))).ticket


async def contact_refused(path: str, **fields: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        await contact_opens(**fields)
    assert path in [".".join(one.path) for one in caught.value.fields]
    assert await Ticket.all().count() == 0


async def test_everything_an_operator_may_say() -> None:
    anna = await stage.operator("anna")
    ticket = await by(
        "bruno",
        priority=Priority.HIGH,
        severity=Severity.MINOR,
        assignee=("operator", anna.id),
        source=TicketSource.PHONE,
        tags=("a", "a", "b"),
    )
    row = await stage.row(ticket.id)
    assert (row.priority, row.severity, row.source) == (
        Priority.HIGH,
        Severity.MINOR,
        TicketSource.PHONE,
    )
    assert (row.assignee_operator_id, row.tags) == (anna.id, ["a", "b"])
    assert row.department_id == await stage.department("Immigrazione")
    assert len(await stage.timeline(row.id)) == 1  # a given assignee leaves no event
    words = {one.word for one in await TicketWord.filter(ticket_id=row.id, visible=True)}
    assert {str(row.id), "ciao", "testo", "mario", "demo", "test"} <= words


async def test_a_new_contact_is_made_once_with_the_right_to() -> None:
    ticket = await by("anna", contact_email=" New@Demo.TEST ", contact_name=" Nuova\0 Persona\n")
    contact = await Contact.get(email="new@demo.test")
    assert (contact.id, contact.name) == (ticket.contact_id, "Nuova Persona")
    again = await by("bruno", contact_email="NEW@demo.test", contact_name="Another")
    assert again.contact_id == contact.id
    await Ticket.all().update(deleted_at=contact.created_at)
    await stage.let("anna", Right.TICKETS_VIEW, Right.TICKETS_WRITE)
    with pytest.raises(InvalidInput):
        await by("anna", contact_email="other@demo.test")
    await by("anna", contact_email="mario@demo.test")


async def test_what_is_wrong_with_the_contact() -> None:
    mario = await stage.contact("mario")
    await refused("anna", "contactId", contact_id=mario.id)  # and contact_email
    await refused("anna", "contactId", contact_email=None)
    await refused("anna", "contactId", contact_email=None, contact_id=999)
    for address in (
        "",
        "x",
        "a@b",
        "a b@c.d",
        "a@b.c\0",
        "a\0@b.c",
        "a\x01@b.c",
        "x" * 255 + "@b.c",
    ):
        await refused("anna", "contactEmail", contact_email=address)
    await refused("anna", "contactName", contact_email="n@demo.test", contact_name="x" * 201)


async def test_what_is_wrong_with_the_rest() -> None:
    carla = await stage.operator("carla")
    await refused("anna", "subject", subject=" \n\0")
    await refused("anna", "subject", subject="x" * 251)
    await refused("anna", "body", body="<script>alert(1)</script>")
    await refused("anna", "body", body="x" * 200_001)
    await refused("anna", "tags.1", tags=("a", ""))
    await refused("anna", "tags", tags=tuple(f"t{n}" for n in range(51)))
    await refused("anna", "categoryId", topic=None)
    await refused("anna", "categoryId", topic=stage.ISEE)  # not held
    await refused("admin", "categoryId", category_id=999)
    await refused("anna", "departmentId", department_id=999)
    await refused("bruno", "departmentId", department_id=await stage.department("Fiscale"))
    await refused("anna", "assigneeId", assignee=("operator", carla.id))
    await refused("anna", "assigneeId", assignee=("operator", 999))
    await refused("anna", "uploadIds.0", upload_ids=("x\0",))
    await Category.filter(name=stage.RINNOVO).update(archived=True)
    await refused("anna", "categoryId")


async def test_dino_is_refused_where_he_would_not_see() -> None:
    with pytest.raises(NotPermitted):
        await by("dino")
    with pytest.raises(NotPermitted):
        await by("dino", assignee=("operator", (await stage.operator("dino")).id))
    assert await Ticket.all().count() == 0


async def test_a_default_department_they_do_not_see() -> None:
    """Nobody named it: what to do is said, and naming another does."""
    await Category.all().update(archived=True)
    fiscale, patronato = await stage.department("Fiscale"), await stage.department("Patronato")
    await Operator.filter(email="anna@demo.test").update(default_department_id=fiscale)
    await stage.changed()
    await refused("anna", "departmentId", topic=None)
    assert (await by("anna", topic=None, department_id=patronato)).department_id == patronato


async def test_where_no_category_is_in_use() -> None:
    await Category.all().update(archived=True)
    patronato = await stage.department("Patronato")
    assert (await by("anna", topic=None)).department_id is None
    await Operator.filter(email="anna@demo.test").update(default_department_id=patronato)
    await stage.changed()
    assert (await by("anna", topic=None)).department_id == patronato
    fiscale = await stage.department("Fiscale")
    with pytest.raises(NotPermitted):
        await by("anna", topic=None, department_id=fiscale)
    ticket = await contact_opens(department_id=fiscale)
    assert (ticket.department_id, ticket.category_id) == (fiscale, None)
    await Department.filter(id=fiscale).update(hidden=True)
    await Ticket.all().update(contact_id=(await stage.contact("sara")).id)
    for id in (fiscale, 999, None):
        with pytest.raises(InvalidInput) as caught:
            await contact_opens(department_id=id)
        assert caught.value.fields[0].path == ("departmentId",)


async def test_what_a_contact_may_choose() -> None:
    ticket = await contact_opens(category_id=await stage.category(stage.RICORSI))
    assert ticket.category_id == ticket.chosen_category_id
    assert ticket.level is Level.ADVANCED
    assert ticket.department_id == await stage.department("Immigrazione")
    assert (ticket.source, ticket.creator_id) == (TicketSource.CLIENT_AREA, None)


async def test_what_a_contact_may_not_choose() -> None:
    rinnovo = await stage.category(stage.RINNOVO)
    await contact_refused("categoryId")
    await contact_refused("categoryId", category_id=999)
    await contact_refused("categoryId", category_id=await stage.category(stage.INTERNO))
    await contact_refused("categoryId", category_id=await stage.category("Immigrazione"))
    await contact_refused(
        "departmentId", category_id=rinnovo, department_id=await stage.department("Fiscale")
    )
    await contact_refused("subject", category_id=rinnovo, subject="")
    await contact_refused("body", category_id=rinnovo, body=" &nbsp; <p></p>")
    await Category.filter(id=rinnovo).update(archived=True)
    await contact_refused("categoryId", category_id=rinnovo)


async def test_what_is_hidden_hides_what_is_under_it() -> None:
    rinnovo = await stage.category(stage.RINNOVO)
    for what in (
        Category.filter(name="Immigrazione"),
        Department.filter(name="Immigrazione"),
    ):
        field = "visible" if what.model is Category else "hidden"
        await what.update(**{field: field == "hidden"})
        await contact_refused("categoryId", category_id=rinnovo)
        await what.update(**{field: field == "visible"})
    await Category.filter(parent_id__not_isnull=True).update(visible=False)
    await contact_opens(category_id=await stage.category("Immigrazione"))  # a leaf, as they see it
