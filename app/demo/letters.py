"""Turns a script's lines into posts: facts filled in, a greeting before, a name under it."""

from datetime import datetime, timedelta
from html import escape
from random import Random

from actions.texts import Body, sanitised
from app.demo.hours import ROME

_CITIES = ("Milano", "Torino", "Bologna", "Verona", "Firenze", "Bari", "Trento", "Genova")
_EMPLOYERS = ("Alfa Servizi", "Molino Rossetti", "Trattoria da Nino", "LogiTrans", "Bar Centrale")
_GREETINGS = {
    "it": ("Buongiorno,", "Salve,", "Gentile ufficio,"),
    "en": ("Hello,", "Good morning,"),
}
_FAREWELLS = {
    "it": ("Cordiali saluti", "Grazie in anticipo", "Un saluto"),
    "en": ("Kind regards", "Thank you", "Best wishes"),
}


class Letters:
    """Writes everybody's posts."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def facts(self, language: str) -> dict[str, str]:
        """What a conversation speaks of, from its first word to its last."""
        pick = self.random
        amount = f"{pick.randint(4_000, 300_000) / 100:,.2f}"
        if language == "it":
            amount = amount.translate(str.maketrans(",.", ".,"))
        return {
            "amount": f"{amount} euro",
            "protocol": f"{pick.choice('KMPR')}{pick.randint(100_000, 999_999)}",
            "city": pick.choice(_CITIES),
            "employer": pick.choice(_EMPLOYERS),
        }

    def days(self, language: str, at: datetime) -> dict[str, str]:
        """A `day` to come and a `past` one, as of now."""
        return {
            "day": _day(language, at + timedelta(days=self.random.randint(5, 60))),
            "past": _day(language, at - timedelta(days=self.random.randint(5, 90))),
        }

    def from_contact(self, text: str, name: str, language: str, *, spoken: bool = False) -> Body:
        """A contact's message; `spoken` is a call written down: no letter, the words alone."""
        if spoken:
            return sanitised(f"<p>{text[0].upper()}{text[1:]}</p>")
        greeting = self.random.choice(_GREETINGS[language])
        farewell = self.random.choice(_FAREWELLS[language])
        return sanitised(f"<p>{greeting}</p><p>{text}</p><p>{farewell},<br>{escape(name)}</p>")

    def from_desk(self, text: str, operator: str, contact: str, language: str) -> Body:
        """An operator's reply."""
        greeting = f"{'Gentile' if language == 'it' else 'Dear'} {escape(contact)},"
        farewell = self.random.choice(_FAREWELLS[language])
        return sanitised(f"<p>{greeting}</p><p>{text}</p><p>{farewell},<br>{escape(operator)}</p>")

    def said(self, text: str) -> Body:
        """An internal note."""
        return sanitised(f"<p>{text}</p>")


def _day(language: str, at: datetime) -> str:
    local = at.astimezone(ROME)
    return f"{local:%d/%m/%Y}" if language == "it" else f"{local.day} {local:%B}"
