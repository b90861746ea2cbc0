"""Worked example B of the permissions, small: who is who in most tests."""

from actions import passwords
from models.desk import Category, CategoryGrant, Department, DepartmentOperator
from models.enums import Level, Right
from models.hierarchy import GroupMember, OperatorGroup, Profile, Role
from models.people import Contact, Operator, Organisation
from models.sql import clock

PASSWORD = "demo-demo-demo"
OPERATORS = ("anna", "bruno", "carla", "dino", "admin")
CONTACTS = ("mario", "giulia", "sara", "samuel")
"""Sara and Samuel belong to Acme, which shares tickets."""

OPERATOR_RIGHTS = [
    Right.TICKETS_VIEW,
    Right.TICKETS_WRITE,
    Right.CONTACTS_VIEW,
    Right.CONTACTS_WRITE,
]


async def seed() -> None:
    """Anna and Carla in Patronato, Bruno in Immigrazione under it, Dino in Fiscale; admin sees all.

    Rinnovo permesso: Anna BASE, Bruno and Dino ADVANCED. Bruno may delete. Operators' language is
    English but Anna's, which is Italian. Group "Sportello": Anna, Bruno.
    """
    hashed = await passwords.hashed(PASSWORD)
    roles = await _roles()
    patronato = await Department.create(name="Patronato")
    immigrazione = await Department.create(
        name="Immigrazione", parent_id=patronato.id, offered_for_solving=True
    )
    fiscale = await Department.create(name="Fiscale", staff_name="Ufficio fiscale")
    people: dict[str, Operator] = {}
    for name in OPERATORS:
        people[name] = await Operator.create(
            name=name.capitalize(),
            email=f"{name}@demo.test",
            password_hash=hashed,
            role_id=roles.get(name, roles["operator"]).id,
            language="it" if name == "anna" else "en",
            time_zone="Europe/Rome",
        )
    for name, department in (
        ("anna", patronato),
        ("carla", patronato),
        ("bruno", immigrazione),
        ("dino", fiscale),
    ):
        await DepartmentOperator.create(department_id=department.id, operator_id=people[name].id)
    root = await Category.create(name="Immigrazione", department_id=immigrazione.id)
    rinnovo = await Category.create(
        name="Rinnovo permesso", parent_id=root.id, department_id=immigrazione.id
    )
    isee = await Category.create(name="ISEE", department_id=fiscale.id)
    await Category.create(name="Interno", visible=False)
    await Category.create(
        name="Ricorsi",
        parent_id=root.id,
        department_id=immigrazione.id,
        initial_level=Level.ADVANCED,
    )
    for name, category, level in (
        ("anna", rinnovo, Level.BASE),
        ("bruno", rinnovo, Level.ADVANCED),
        ("dino", rinnovo, Level.ADVANCED),
        ("dino", isee, Level.ADVANCED),
    ):
        await CategoryGrant.create(
            operator_id=people[name].id, category_id=category.id, level=level
        )
    group = await OperatorGroup.create(name="Sportello")
    for name in ("anna", "bruno"):
        await GroupMember.create(group_id=group.id, operator_id=people[name].id)
    await _contacts(hashed)


async def _roles() -> dict[str, Role]:
    profiles = {
        "operator": OPERATOR_RIGHTS,
        "bruno": [*OPERATOR_RIGHTS, Right.TICKETS_DELETE],
        "admin": [Right.ADMINISTER],
    }
    roles: dict[str, Role] = {}
    for name, rights in profiles.items():
        profile = await Profile.create(name=name, rights=[right.value for right in rights])
        roles[name] = await Role.create(name=name, profile_id=profile.id)
    return roles


async def _contacts(hashed: str) -> None:
    acme = await Organisation.create(name="Acme", shares_tickets=True)
    for name in CONTACTS:
        await Contact.create(
            name=name.capitalize(),
            email=f"{name}@demo.test",
            password_hash=hashed,
            language="it",
            organisation_id=acme.id if name in ("sara", "samuel") else None,
            created_at=await clock(),
        )
