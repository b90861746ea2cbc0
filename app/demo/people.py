"""The contacts of the demo desk and their organisations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from models.people import Contact, Organisation

SHARING = "Cooperativa Aurora"
"""Its people see each other's tickets."""
NOT_SHARING = "Studio Bianchi"
KNOWN_FOR_DAYS = (190, 900)
"""Since when the desk knows them: all from before the first ticket."""


@dataclass(frozen=True)
class Person:
    """A contact to be."""

    name: str
    language: str = "it"
    organisation: str | None = None

    @property
    def email(self) -> str:
        """name.surname at the demo's domain."""
        return f"{self.name.lower().replace(' ', '.')}@demo.test"


PEOPLE = (
    Person("Mario Rossi"),
    Person("Giulia Verdi"),
    Person("Samuel Okafor", "en", SHARING),
    Person("Fatima Benali", "it", SHARING),
    Person("Luca Esposito", "it", SHARING),
    Person("Oksana Shevchenko", "it", SHARING),
    Person("Priya Nair", "en", NOT_SHARING),
    Person("Matteo Bianchi", "it", NOT_SHARING),
    Person("Elisa Bianchi", "it", NOT_SHARING),
    Person("Amadou Diallo"),
    Person("Chiara Romano"),
    Person("Davide Colombo"),
    Person("Elena Popescu"),
    Person("Francesca Ricci"),
    Person("Grace Mensah", "en"),
    Person("Hassan Ali", "en"),
    Person("Irina Volkova"),
    Person("John Miller", "en"),
    Person("Karim Haddad"),
    Person("Lin Chen", "en"),
    Person("Maria Fernandes", "en"),
    Person("Nadia Bouzid"),
    Person("Omar Farouk"),
    Person("Paolo Marino"),
    Person("Rosa Gallo"),
    Person("Stefan Kowalski", "en"),
    Person("Teresa Conti"),
    Person("Usman Khan", "en"),
    Person("Valentina Bruno"),
    Person("Wei Zhang"),
    Person("Yusuf Demir"),
    Person("Zoe Papadopoulou", "en"),
)


@dataclass(frozen=True)
class Public:
    """The contacts as stored, and who shares with whom."""

    contacts: Sequence[Contact]
    sharing: frozenset[int]
    """The organisations that share."""

    def named(self, name: str) -> Contact:
        """The contact of this name."""
        return next(one for one in self.contacts if one.name == name)

    def colleagues(self, contact: Contact) -> list[Contact]:
        """Those who may read and write in the contact's tickets."""
        return [
            one
            for one in self.contacts
            if one is not contact
            and one.organisation_id in self.sharing
            and one.organisation_id == contact.organisation_id
        ]


async def settle(random: Random, password_hash: str, now: datetime) -> Public:
    """Write the organisations and their people."""
    organisations = {
        name: await Organisation.create(name=name, shares_tickets=name == SHARING)
        for name in (SHARING, NOT_SHARING)
    }
    contacts = [
        await Contact.create(
            name=person.name,
            email=person.email,
            password_hash=password_hash,
            language=person.language,
            organisation_id=organisations[person.organisation].id if person.organisation else None,
            created_at=now - timedelta(days=random.randint(*KNOWN_FOR_DAYS)),
        )
        for person in PEOPLE
    ]
    return Public(contacts, frozenset({organisations[SHARING].id}))
