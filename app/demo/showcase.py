"""The tickets of worked example B: three in Rinnovo permesso, open, of the last days."""

from datetime import datetime, timedelta
from random import Random

from app.demo.cast import Cast
from app.demo.conversation import Conversation
from app.demo.hours import at_work
from app.demo.opening import Openings, Thread
from app.demo.organisation import ANNA, BRUNO, DINO
from app.demo.texts.immigration import RENEWAL
from models.enums import Level, TicketSource

DAYS_AGO = 6
"""Far enough back for every act to be past, whatever day it is."""


async def conversations(
    random: Random, now: datetime, cast: Cast, openings: Openings
) -> list[Conversation]:
    """One at level BASE, one that Anna raised to ADVANCED, one the administrator gave to Dino."""
    staff = cast.desk.staff
    at = at_work(random, now - timedelta(days=DAYS_AGO))
    base, raised, given = [
        await _opened(at + timedelta(minutes=7 * place), name, cast, openings)
        for place, name in enumerate(("Mario Rossi", "Giulia Verdi", "Mario Rossi"))
    ]
    next_day = at_work(random, at + timedelta(hours=2))
    colleague = openings.letters.said("Serve il nulla osta della Questura, Bruno: è roba tua.")
    raised.note(next_day, staff[ANNA], colleague, [staff[BRUNO]])
    raised.change_level(
        next_day + timedelta(minutes=3), staff[ANNA], Level.ADVANCED, "Ci vuole Bruno."
    )
    given.assign(next_day, cast.desk.admin, staff[DINO])
    thanks = openings.letters.said("Grazie, lo guardo io: il reddito è da lavoro autonomo.")
    given.note(next_day + timedelta(minutes=20), staff[DINO], thanks, [cast.desk.admin])
    return [base, raised, given]


async def _opened(at: datetime, name: str, cast: Cast, openings: Openings) -> Conversation:
    contact = cast.public.named(name)
    thread: Thread = await openings.open(at, RENEWAL, contact, TicketSource.CLIENT_AREA)
    return thread.conversation
