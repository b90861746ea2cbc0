"""How far a mail has come, and with it the reply it carries: both change together, live."""

from collections.abc import Iterable
from typing import Any

import structlog
from structlog.typing import FilteringBoundLogger

from actions.events import TicketWritten
from actions.unit_of_work import record
from models.enums import DeliveryState
from models.mail_enums import MailKind, OutboundState
from models.mails import OutboundMail
from models.sql import Statement, connection, rows

log: FilteringBoundLogger = structlog.get_logger()
CARRYING = frozenset({MailKind.REPLY, MailKind.TICKET_OPENED})
"""Mails that carry an operator's words: how they fare is shown on the reply."""
Held = dict[str, Any]


async def moved(
    mail: OutboundMail,
    state: OutboundState,
    *,
    among: Iterable[OutboundState] | None = None,
    **columns: Any,
) -> bool:
    """Within a unit of work: give the mail a state, and other columns; False when it is too late.

    It is when the mail is in none of the states `among` any more, or has lost its lease to another
    worker (`mail.lease_owner` says whose it was). The ticket's row is taken first, as every write
    does; its `updated_at` stays, for no person did anything.
    """
    carrying = mail.kind in CARRYING and mail.ticket_id is not None
    if carrying:
        await _hold(mail.ticket_id or 0)
    query = OutboundMail.filter(id=mail.id, lease_owner=mail.lease_owner)
    if among is not None:
        query = query.filter(state__in=list(among))
    found = await query.select_for_update().first() if Statement().postgres else await query.first()
    if found is None:
        return False
    changed = found.state is not state
    for name, value in {"state": state, **columns}.items():
        setattr(mail, name, value)
    await mail.save(update_fields=["state", *columns])
    log.info("mail moved", mail=mail.id, kind=mail.kind.value, state=state.value)
    if carrying and changed:
        await _show(mail, DeliveryState(state.value))
    return True


async def _hold(ticket_id: int) -> None:
    to = Statement()
    sql = f"UPDATE ticket SET seq = seq WHERE id = {to.add(ticket_id)}"
    await connection().execute_query(sql, to.values)


async def _show(mail: OutboundMail, delivery: DeliveryState) -> None:
    """On the entry, with a revision of its own: feeds tell of it."""
    to = Statement()
    sql = f"""
        UPDATE timeline_entry SET delivery = {to.add(delivery.value)}, changed_revision =
            (SELECT t.revision + 1 FROM ticket t WHERE t.id = timeline_entry.ticket_id)
        WHERE ticket_id = {to.add(mail.ticket_id)} AND number = {to.add(mail.entry_number)}"""
    await connection().execute_query(sql, to.values)
    to = Statement()
    sql = f"""
        UPDATE ticket SET revision = revision + 1, written_at = {to.now}
        WHERE id = {to.add(mail.ticket_id)} RETURNING id, seq, revision"""
    for row in await rows(sql, to):
        record(TicketWritten(row["id"], row["seq"], row["revision"]))
