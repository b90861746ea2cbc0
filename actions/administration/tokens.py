"""API tokens: what lets a program act as an operator, within scopes, until a day."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from actions import locks
from actions.administration.accounts import alone
from actions.administration.editing import Edit, found, words
from actions.administration.form import Form
from actions.idempotency import once
from actions.refusals import NotFound, NotPermitted, invalid
from actions.sessions import note_ended, token_hash
from models.callers import OperatorCaller
from models.enums import Right
from models.people import Operator
from models.sessions import Session
from models.sights import sight_for, sight_of
from models.sql import clock

KIND = "Token"
PREFIX = "spt_"
"""So that a person, and a scanner of repositories, knows one that lies about."""
LONGEST = timedelta(days=366)
SCOPES = frozenset(Right) - {Right.VIEW_ALL_TICKETS, Right.TAKE_OVER_LOCK}
"""Modules and `administer`: the single rights come with the module's, as the operator has them."""


@dataclass(frozen=True)
class CreateToken:
    """A token to be made: for the caller, or for another operator."""

    name: str
    scopes: list[Right]
    expires_at: datetime
    operator_id: int | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True)
class NewToken:
    """A token; its text is shown this once."""

    row: Session
    text: str | None = field(default=None, repr=False)


async def create(request: CreateToken, by: OperatorCaller) -> NewToken:
    """A token; the same key again returns it without its text.

    Raises NotPermitted, InvalidInput, IdempotencyConflict.
    """

    async def do() -> NewToken:
        owner = await _owner(request, by)
        text = PREFIX + secrets.token_urlsafe(32)
        return NewToken(await _write(request, owner, text, by), text)

    async def again(kept: dict[str, Any]) -> NewToken:
        return NewToken(await found(Session, kept["id"]))

    return await alone(lambda: once(by, request, do, lambda done: {"id": done.row.id}, again))


async def revoke(id: int, by: OperatorCaller) -> Session:
    """End a token, one's own or, with `administer`, anybody's; its feeds end with it.

    One that has ended stays as it is. Raises NotFound.
    """

    async def do() -> Session:
        token = await found(Session, id)
        if not token.is_token or not (token.operator_id == by.id or await _administers(by)):
            raise NotFound
        if token.ended_at is None:
            edit = Edit(token, KIND)
            token.ended_at = await clock()
            edit.note("revoked_at", None, words(token.ended_at))
            await edit.commit(by, "revoke", rights=False)
            await locks.session_over(token.id)
            note_ended(token.id)
        return token

    return await alone(do)


async def _owner(request: CreateToken, by: OperatorCaller) -> Operator:
    """Whose token it will be; raises NotPermitted, InvalidInput."""
    id = by.id if request.operator_id is None else request.operator_id
    if id != by.id and not await _administers(by):
        raise NotPermitted(Right.ADMINISTER.value)
    owner = await Operator.get_or_none(id=id)
    if owner is None or not owner.active:
        raise invalid("operatorId", "No such thing: give the id of an active operator.")
    return owner


async def _write(request: CreateToken, owner: Operator, text: str, by: OperatorCaller) -> Session:
    form, now = Form(), await clock()
    name = form.name(request.name)
    scopes = sorted(set(request.scopes))
    if not scopes:
        form.wrong("scopes", "Choose at least one.")
    sight = await sight_of(owner.id)
    for scope in scopes:
        if scope not in SCOPES:
            form.wrong("scopes", f"{scope.name} is no scope: take those of modules, or ADMINISTER.")
        elif not sight.has(scope):
            form.wrong("scopes", f"{scope.name} is beyond the rights of {owner.name}.")
    if not now < request.expires_at <= now + LONGEST:
        form.wrong("expiresAt", f"Choose a time to come, at most {LONGEST.days} days from now.")
    form.check()
    token = Session(
        token_hash=token_hash(text),
        operator_id=owner.id,
        created_at=now,
        used_at=now,
        expires_at=request.expires_at,
    )
    edit = Edit(token, KIND)
    edit.set("name", name)
    edit.set("scopes", [scope.value for scope in scopes])
    edit.note("expires_at", None, words(request.expires_at))
    edit.note("operator", None, owner.name)
    return await edit.commit(by, "create", rights=False)


async def _administers(by: OperatorCaller) -> bool:
    return (await sight_for(by)).has(Right.ADMINISTER)
