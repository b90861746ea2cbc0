"""Any mail at all, through everything: each has a state, none is an error, the next goes on."""

import os
import random

import pytest
from hypothesis import HealthCheck, given, settings as of, strategies as st

from mail.importing import import_mail
from models.mail_enums import InboundState
from models.mailboxes import Mailbox
from models.mails import InboundMail
from models.tickets import Ticket
from tests.mail.arriving import FILES, arrived, kept, mail, ticket_of
from tests.mail.cases import box, our_mail
from tests.mail.test_cases_machines import dsn
from tests.mail.test_parse_fuzz import SEED, corpus, entity, mutated

pytestmark = pytest.mark.usefixtures("database")
__all__ = ["box"]
ROUNDS = int(os.environ.get("SPORTELLO_FUZZ_ROUNDS", "120"))
FINAL = frozenset(InboundState) - {InboundState.RECEIVED, InboundState.FAILED}


async def state_of(box: Mailbox, raw: bytes) -> tuple[InboundState, str]:
    """What becomes of it; the second time, too, nothing more does."""
    id = await kept(box, raw)
    state = await import_mail(id, FILES)
    tickets = await Ticket.all().count()
    assert await import_mail(id, FILES) is state
    assert await Ticket.all().count() == tickets
    return state, (await InboundMail.get(id=id)).reason


async def test_broken_mails_have_a_state(box: Mailbox) -> None:
    """Seeded; the seed is shown when it fails, and can be given again."""
    chance = random.Random(SEED)  # noqa: S311
    ours = await our_mail(await ticket_of(await arrived(box, mail())), box)
    header = f"In-Reply-To: <{ours.message_id}>\r\n".encode()
    shapes = [*corpus(), dsn(ours.message_id), mail("More.", In_Reply_To=f"<{ours.message_id}>")]
    for number in range(ROUNDS):
        raw = mutated(chance.choice(shapes), chance)
        raw = header + raw if chance.random() < 0.3 else raw
        state, reason = await state_of(box, raw)
        if state not in FINAL:
            pytest.fail(f"SPORTELLO_FUZZ_SEED={SEED}, round {number}: {state} {reason}: {raw!r}")


async def test_any_structure_has_a_state(box: Mailbox) -> None:
    drawn: list[bytes] = []

    @of(max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.one_of(entity, st.binary(max_size=400)))
    def draw(raw: bytes) -> None:
        drawn.append(raw)

    draw()
    for raw in drawn:
        state, reason = await state_of(box, raw)
        assert state in FINAL, (reason, raw)
