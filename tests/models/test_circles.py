"""Contacts see their own tickets, and their organisation's while it shares."""

import secrets

from models import rows
from models.callers import ContactCaller
from models.circles import circle_of
from models.desk import Desk
from models.people import Contact, Organisation
from tests.models.tickets import NOON, saved, ticket


async def contact(name: str) -> Contact:
    return await Contact.get(email=f"{name}@demo.test")


async def ids(*names: str) -> frozenset[int]:
    return frozenset([(await contact(name)).id for name in names])


async def rights_move() -> None:
    await Desk.filter(id=1).update(rights_version=secrets.randbelow(2**40))


async def circle(name: str) -> frozenset[int]:
    return await circle_of((await contact(name)).id)


async def test_alone_together_and_apart(database: None) -> None:
    assert await circle("mario") == await ids("mario")
    assert await circle("sara") == await ids("sara", "samuel")
    await Organisation.filter(name="Acme").update(shares_tickets=False)
    await rights_move()
    assert await circle("sara") == await ids("sara")


async def test_a_blocked_contact_sees_nothing_and_is_still_seen(database: None) -> None:
    await Contact.filter(email="sara@demo.test").update(blocked=True)
    await rights_move()
    assert await circle("sara") == frozenset()
    assert await circle("samuel") == await ids("sara", "samuel")
    assert await circle_of(999_999) == frozenset()


async def test_organisations_do_not_mix(database: None) -> None:
    other = await Organisation.create(name="Other", shares_tickets=True)
    await Contact.filter(email="giulia@demo.test").update(organisation_id=other.id)
    await rights_move()
    assert await circle("giulia") == await ids("giulia")
    assert await circle("samuel") == await ids("sara", "samuel")


async def test_the_circle_is_of_the_version_asked_for(database: None) -> None:
    sara = await contact("sara")
    version = (await Desk.get(id=1)).rights_version
    shared = await circle_of(sara.id, version)
    await Organisation.filter(name="Acme").update(shares_tickets=False)
    assert await circle_of(sara.id, version) == shared
    await rights_move()
    assert await circle_of(sara.id) == {sara.id}


async def test_the_condition_is_the_circle_without_the_deleted(database: None) -> None:
    mine, sara, samuel = [await contact(name) for name in ("mario", "sara", "samuel")]
    tickets = {
        "mine": ticket(contact_id=mine.id),
        "sara's": ticket(contact_id=sara.id),
        "samuel's": ticket(contact_id=samuel.id),
        "deleted": ticket(contact_id=sara.id, deleted_at=NOON),
    }
    await saved(*tickets.values())
    for who, expected in ((mine, {"mine"}), (samuel, {"sara's", "samuel's"})):
        by = ContactCaller(who, 0, await circle_of(who.id))
        found = {one.id for one in await rows.tickets(by.condition)}
        assert found == {tickets[name].id for name in expected}
        assert {n for n, one in tickets.items() if by.condition.holds(one)} == expected
