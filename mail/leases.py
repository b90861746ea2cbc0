"""One owner per mailbox, whatever the number of processes: a lease in the server's row."""

from datetime import timedelta

from models.sql import Statement, clock, rows

LEASE = timedelta(seconds=45)
RENEW_EVERY_S = 15.0


class LeaseLost(Exception):
    """Another process may talk to this server by now: stop."""


async def take(server_id: int, owner: str) -> bool:
    """Take the lease if nobody has it, or keep it; whether it is ours."""
    to = Statement()
    now = await clock()
    sql = f"""
        UPDATE mail_server SET lease_owner = {to.add(owner)}, lease_until = {to.add(now + LEASE)}
        WHERE id = {to.add(server_id)} AND (lease_owner = {to.add(owner)} OR lease_owner = ''
        OR lease_until IS NULL OR lease_until <= {to.add(now)}) RETURNING id"""
    return bool(await rows(sql, to))


async def still_ours(server_id: int, owner: str) -> None:
    """Within a unit of work: nobody takes it before the unit ends. Raises LeaseLost."""
    to = Statement()
    now = await clock()
    sql = f"""
        UPDATE mail_server SET lease_owner = lease_owner WHERE id = {to.add(server_id)}
        AND lease_owner = {to.add(owner)} AND lease_until > {to.add(now)} RETURNING id"""
    if not await rows(sql, to):
        raise LeaseLost


async def leave(server_id: int, owner: str) -> None:
    """Give it back; nothing happens if it is another's."""
    to = Statement()
    sql = f"""
        UPDATE mail_server SET lease_owner = '', lease_until = NULL
        WHERE id = {to.add(server_id)} AND lease_owner = {to.add(owner)} RETURNING id"""
    await rows(sql, to)
