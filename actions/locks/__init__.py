"""The reply lock: one operator at a time may answer, by the rules of writing.md."""

from actions.locks.asking import request
from actions.locks.ending import end_astray, give_back, lapse, session_over
from actions.locks.handing_over import hand_over
from actions.locks.holding import acquire, keep, leave, release, renew
from actions.locks.taking_over import take_over

__all__ = [
    "acquire",
    "end_astray",
    "give_back",
    "hand_over",
    "keep",
    "lapse",
    "leave",
    "release",
    "renew",
    "request",
    "session_over",
    "take_over",
]
