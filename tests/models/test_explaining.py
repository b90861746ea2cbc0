"""explain() says what the product does, and why; limbo() is what nobody sees, in both forms."""

from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from models import rows
from models.callers import OperatorCaller
from models.conditions import Every, IsIn
from models.desk import CategoryGrant
from models.enums import Right, TicketAction
from models.explaining import Gate, GateName, explain
from models.limbo import limbo
from models.people import Operator
from models.sights import sight_of
from resolvers.desk import OFFERED, allowed_actions
from tests.models import organisations_table
from tests.models.organisations import organisation
from tests.models.tickets import saved, ticket

seeds = settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@seeds
@given(seed=st.integers(0, 2**32))
async def test_it_says_what_the_product_does(database: None, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a seed, not a secret
    made = organisation(random)
    await organisations_table.save(made)
    tickets = organisations_table.tickets(random, made, 8)
    await saved(*tickets)
    for operator in list(made.operators)[:4]:
        row, sight = await Operator.get(id=operator), await sight_of(operator)
        by = OperatorCaller(row, 0, sight)
        for one in tickets:
            offered = allowed_actions(by, one) if sight.gates().holds(one) else []
            if one.deleted_at is not None:  # nobody sees it; it may be restored
                offered = [action for action in offered if action is TicketAction.DELETE]
            for action in OFFERED:
                found = await explain(operator, one, action)
                assert found.allowed == (action in offered), (operator, one.id, action, found)
                assert all(gate.because for gate in found.gates)


@seeds
@given(seed=st.integers(0, 2**32))
async def test_limbo_is_what_nobody_sees(database: None, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a seed, not a secret
    made = organisation(random)
    await organisations_table.save(made)
    tickets = organisations_table.tickets(random, made, 40)
    await saved(*tickets)
    ids = frozenset(one.id for one in tickets)
    sights = [await sight_of(one.id) for one in await Operator.filter(active=True)]
    gates = [one.own_gates() for one in sights if one.has(Right.TICKETS_VIEW)]
    lost = {
        one.id
        for one in tickets
        if one.deleted_at is None and not any(gate.holds(one) for gate in gates)
    }
    condition = await limbo()
    assert {one.id for one in tickets if condition.holds(one)} == lost
    found = await rows.tickets(Every((IsIn("id", ids), condition)))
    assert {one.id for one in found} == lost


@pytest.mark.usefixtures("database")
async def test_what_decided_in_example_b() -> None:
    anna, carla, dino = [await Operator.get(name=one) for one in ("Anna", "Carla", "Dino")]
    one = ticket(category_id=2, department_id=2)
    await saved(one)

    async def gates(
        who: Operator, action: TicketAction = TicketAction.VIEW
    ) -> dict[GateName, Gate]:
        return {gate.name: gate for gate in (await explain(who.id, one, action)).gates}

    hers = await gates(anna)
    assert all(gate.open for name, gate in hers.items() if name is not GateName.VIEW_ALL)
    assert "Immigrazione" in hers[GateName.DEPARTMENT].because
    assert hers[GateName.CATEGORY].decided_by == await CategoryGrant.get(
        operator_id=anna.id, category_id=2
    )
    without = await gates(carla)
    assert not without[GateName.CATEGORY].open
    assert without[GateName.CATEGORY].because == "Does not handle Rinnovo permesso."
    his = await gates(dino)
    assert (his[GateName.DEPARTMENT].open, his[GateName.CATEGORY].open) == (False, True)
    assert "Immigrazione" in his[GateName.DEPARTMENT].because
    deleting = await gates(anna, TicketAction.DELETE)
    assert "lacks tickets.delete" in deleting[GateName.RIGHT].because
    with pytest.raises(LookupError):
        await explain(999, one, TicketAction.VIEW)
