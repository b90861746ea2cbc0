"""Who signs in to the demo desk, with which password, to see what."""

from dataclasses import dataclass

OPEN_SESAME = "demo-demo-demo"
"""Everybody's password."""


@dataclass(frozen=True)
class Login:
    """One line of the table the command line prints."""

    name: str
    email: str
    operator: bool
    """At the desk; else in the client area."""
    look_at: str
    password: str = OPEN_SESAME


LOGINS = (
    Login(
        "Admin Moretti",
        "admin@demo.test",
        operator=True,
        look_at="everything: the tickets in limbo too, in the category Segnalazioni",
    ),
    Login(
        "Anna Ferrari",
        "anna@demo.test",
        operator=True,
        look_at="Rinnovo permesso at level BASE alone; raise a ticket's level, and it is gone",
    ),
    Login(
        "Bruno Rinaldi",
        "bruno@demo.test",
        operator=True,
        look_at="the same tickets, ADVANCED ones too; may take over a lock and delete",
    ),
    Login(
        "Carla Greco",
        "carla@demo.test",
        operator=True,
        look_at="mail without a category, in Patronato; holds no category, so nothing else",
    ),
    Login(
        "Dino Costa",
        "dino@demo.test",
        operator=True,
        look_at="Fiscale; of Rinnovo permesso only what an administrator assigned to him",
    ),
    Login(
        "Mario Rossi",
        "mario.rossi@demo.test",
        operator=False,
        look_at="his own conversations, in Italian",
    ),
    Login(
        "Giulia Verdi",
        "giulia.verdi@demo.test",
        operator=False,
        look_at="hers, and none of Mario's",
    ),
    Login(
        "Samuel Okafor",
        "samuel.okafor@demo.test",
        operator=False,
        look_at="in English; his organisation shares, so colleagues' conversations as well",
    ),
)
