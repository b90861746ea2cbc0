"""Locks end with what their holder needs to use them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from actions import locks, sessions
from actions.administration import operators, tokens
from models.callers import OperatorCaller
from models.desk import CategoryGrant, DepartmentOperator
from models.enums import Level, Right
from models.sessions import Session
from models.sql import clock
from models.tickets import Ticket
from tests.actions import stage

pytestmark = pytest.mark.usefixtures("database")
Change = Callable[[OperatorCaller], Awaitable[object]]


async def sign_out(anna: OperatorCaller) -> None:
    await sessions.sign_out(anna.session_id)


async def password_reset(anna: OperatorCaller) -> None:
    await operators.reset_password(anna.id, None, await stage.signed_in("admin"))


async def deactivate(anna: OperatorCaller) -> None:
    await operators.deactivate(anna.id, await stage.signed_in("admin"))


@pytest.mark.parametrize("change", [sign_out, password_reset, deactivate])
async def test_with_the_session_in_the_same_transaction(change: Change) -> None:
    id, anna = await stage.opened(), await stage.signed_in("anna")
    theirs, bruno = await stage.opened(), await stage.signed_in("bruno")
    await stage.locked(id, anna)
    token = await stage.locked(theirs, bruno)
    before = await stage.row(id)
    await change(anna)
    after = await stage.row(id)
    assert (after.lock_holder_id, after.lock_session_id) == (None, None)
    assert (after.lock_token, after.revision) == (before.lock_token, before.revision + 1)
    await locks.renew(theirs, token, bruno)


async def test_with_the_token_that_is_revoked() -> None:
    id, anna = await stage.opened(), await stage.signed_in("anna")
    tool = await stage.signed_in("anna", [Right.TICKETS_VIEW, Right.TICKETS_WRITE])
    await stage.locked(id, tool)
    await sessions.sign_out(anna.session_id)
    assert (await stage.row(id)).lock_session_id == tool.session_id, "another session of hers"
    await tokens.revoke(tool.session_id, anna)
    assert (await stage.row(id)).lock_holder_id is None


async def run_out(anna: OperatorCaller) -> None:
    past = await clock() - timedelta(seconds=1)
    await Session.filter(id=anna.session_id).update(expires_at=past)


async def leave_department(anna: OperatorCaller) -> None:
    await DepartmentOperator.filter(operator_id=anna.id).delete()
    await stage.changed()


async def lose_grant(anna: OperatorCaller) -> None:
    await CategoryGrant.filter(operator_id=anna.id).delete()
    await stage.changed()


async def lose_write(_anna: OperatorCaller) -> None:
    await stage.let("anna", Right.TICKETS_VIEW)


async def ticket_rises(_anna: OperatorCaller) -> None:
    """As a rule will raise it, in spite of the lock."""
    await Ticket.all().update(level=Level.ADVANCED)


@pytest.mark.parametrize(
    "change", [run_out, leave_department, lose_grant, lose_write, ticket_rises]
)
async def test_what_no_single_change_knows_of_is_found(change: Change) -> None:
    id, anna = await stage.opened(), await stage.signed_in("anna")
    theirs, bruno = await stage.opened(), await stage.signed_in("bruno")
    await stage.locked(id, anna)
    token = await stage.locked(theirs, bruno)
    await locks.end_astray()
    before = await stage.row(id)
    assert before.reply_lock is not None
    await change(anna)
    await locks.end_astray()
    after = await stage.row(id)
    assert after.reply_lock is None
    assert (after.seq, after.revision) == (before.seq, before.revision + 1)
    await locks.renew(theirs, token, bruno)
    await locks.end_astray()
    assert (await stage.row(id)).revision == after.revision


async def test_who_may_take_over_keeps_what_they_may_not_reply_to() -> None:
    """The table of rights asks for no more."""
    await stage.let("bruno", Right.TICKETS_VIEW, Right.TICKETS_WRITE, Right.TAKE_OVER_LOCK)
    id, anna, bruno = (
        await stage.opened(),
        await stage.signed_in("anna"),
        await stage.signed_in("bruno"),
    )
    await Ticket.filter(id=id).update(assignee_operator_id=anna.id)
    await stage.changed(ticket_sharing="PUBLIC_READ")
    bruno = await stage.signed_in("bruno")
    await stage.locked(id, anna)
    await locks.take_over(id, None, bruno)
    await locks.end_astray()
    assert (await stage.row(id)).lock_holder_id == bruno.id


async def test_a_tokens_lock_wants_its_scopes() -> None:
    id = await stage.opened()
    tool = await stage.signed_in("anna", [Right.TICKETS_VIEW, Right.TICKETS_WRITE])
    await stage.locked(id, tool)
    await locks.end_astray()
    assert (await stage.row(id)).reply_lock is not None
    await Session.filter(id=tool.session_id).update(scopes=[Right.TICKETS_VIEW.value])
    await locks.end_astray()
    assert (await stage.row(id)).reply_lock is None
