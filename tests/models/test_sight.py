"""The seeing rule in SQL, in memory and by the letter: one rule, whatever the organisation."""

from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from models import rows
from models.conditions import Every, IsIn
from models.enums import Right, TicketAction, TicketSharing
from models.hierarchy import Profile
from models.people import Operator
from models.sights import members_of, sight_of, sights_of
from models.tickets import Ticket
from tests.models import organisations_table
from tests.models.organisations import Organisation, organisation
from tests.models.tickets import saved, ticket


async def seen_in_sql(operator: int, tickets: list[Ticket]) -> set[int]:
    these = IsIn("id", frozenset(one.id for one in tickets))
    sight = await sight_of(operator)
    return {one.id for one in await rows.tickets(Every((these, sight.condition())))}


@settings(
    max_examples=25,
    deadline=None,
    # Shrinking a seed makes nothing simpler.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32))
async def test_three_forms_of_one_rule(database: None, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a seed, not a secret
    made = organisation(random)
    await organisations_table.save(made)
    tickets = organisations_table.tickets(random, made, 40)
    await saved(*tickets)
    for operator in made.operators:
        sight = await sight_of(operator)
        told = {one.id for one in tickets if made.sees(operator, one)}
        assert {one.id for one in tickets if sight.sees(one)} == told
        assert await seen_in_sql(operator, tickets) == told
        for one in tickets:
            if one.id in told:
                may = {action for action in TicketAction if sight.may(action, one)}
                assert may == {a for a in TicketAction if made.may(operator, a, one)}
    for group in made.groups:
        resolved = {one for one in made.operators if made.in_group(one, group)}
        assert await members_of(group) == resolved


def test_the_organisations_are_worth_asking_about() -> None:
    """Every gate opens and shuts, guests come, limits bind: else the test above proves nothing."""
    met: set[str] = set()
    for seed in range(60):
        random = Random(seed)  # noqa: S311 - a seed, not a secret
        made = organisation(random)
        for one in organisations_table.tickets(random, made, 40):
            for operator in made.operators:
                met |= _what_happens(made, operator, one)
    assert met == {
        "seen", "unseen", "guest", "guest held back", "guest passes category", "read only",
        "private and owned", "private and not owned", "level too high", "inactive", "gate 2",
    }  # fmt: skip


def _what_happens(made: Organisation, operator: int, one: Ticket) -> set[str]:
    seen = made.sees(operator, one)
    guest = seen and made.is_guest(operator, one) and not made.skips(operator)
    private = made.sharing is TicketSharing.PRIVATE
    owned = made.owns(operator, one)
    writes = made.has(operator, Right.TICKETS_WRITE)
    held = made.grants.get((operator, one.category_id or 0))
    happens = {
        "seen": seen,
        "unseen": not seen,
        "guest": guest,
        "guest held back": guest
        and writes
        and not made.may(operator, TicketAction.CLOSE, one)
        and made.may(operator, TicketAction.REPLY, one),
        "guest passes category": guest and one.category_id is not None and held is None,
        "read only": seen and writes and not made.may(operator, TicketAction.REPLY, one),
        "private and owned": private and seen and owned,
        "private and not owned": private and not seen and not owned,
        "level too high": not seen and held is not None and held < one.level,
        "inactive": operator in made.inactive,
        "gate 2": seen and made.skips(operator),
    }
    return {name for name, is_so in happens.items() if is_so}


async def test_administer_grants_everything_but_to_nobody_who_left(database: None) -> None:
    admin = await Operator.get(email="admin@demo.test")
    one = ticket(department_id=3, category_id=3)
    sight = await sight_of(admin.id)
    assert sight.sees(one)
    assert all(sight.may(action, one) for action in TicketAction)
    await Operator.filter(id=admin.id).update(active=False)
    await organisations_table.save(Organisation())
    assert not (await sight_of(admin.id)).sees(one)


async def test_without_view_gate_two_opens_nothing(database: None) -> None:
    await Profile.filter(name="admin").update(
        rights=[Right.VIEW_ALL_TICKETS.value, Right.TICKETS_WRITE.value]
    )
    await organisations_table.save(Organisation())
    admin = await Operator.get(email="admin@demo.test")
    assert not (await sight_of(admin.id)).sees(ticket())


async def test_sights_are_of_the_version_asked_for(database: None) -> None:
    (anna,) = await sights_of([(await Operator.get(email="anna@demo.test")).id])
    assert (await sight_of(anna.operator_id, anna.version)) is anna
    await organisations_table.save(Organisation(restricted=False))
    later = await sight_of(anna.operator_id)
    assert anna.restricted
    assert not later.restricted
    assert later.version != anna.version


async def test_there_is_no_sight_of_nobody(database: None) -> None:
    with pytest.raises(LookupError):
        await sight_of(999_999)
