"""The organisation of the demo desk: worked example B of the permissions, and a town around it."""

from dataclasses import dataclass

from models.enums import Level, Right

ADMIN = "Admin Moretti"
ANNA = "Anna Ferrari"
BRUNO = "Bruno Rinaldi"
CARLA = "Carla Greco"
DINO = "Dino Costa"

_WORK = (
    Right.TICKETS_VIEW,
    Right.TICKETS_WRITE,
    Right.CONTACTS_VIEW,
    Right.CONTACTS_WRITE,
    Right.CASES_VIEW,
    Right.CASES_WRITE,
    Right.DOCUMENTS_VIEW,
    Right.DOCUMENTS_WRITE,
    Right.REPORTS_VIEW,
)
PROFILES: dict[str, tuple[Right, ...]] = {
    "Operator": _WORK,
    "Senior operator": (
        *_WORK,
        Right.TICKETS_DELETE,
        Right.CONTACTS_DELETE,
        Right.CASES_DELETE,
        Right.DOCUMENTS_DELETE,
        Right.TAKE_OVER_LOCK,
    ),
    "Administrator": (Right.ADMINISTER,),
}


@dataclass(frozen=True)
class RolePlan:
    """A role under its parent, with its profile."""

    name: str
    profile: str
    parent: str | None = None


ROLES = (
    RolePlan("Direzione", "Administrator"),
    RolePlan("Responsabile immigrazione", "Senior operator", "Direzione"),
    RolePlan("Sportello", "Operator", "Responsabile immigrazione"),
    RolePlan("Ufficio fiscale", "Operator", "Direzione"),
)


@dataclass(frozen=True)
class DepartmentPlan:
    """A department and what is switched on in it."""

    name: str
    email: str
    parent: str | None = None
    staff_name: str = ""
    hidden: bool = False
    limited_view: bool = False
    assignees_members_only: bool = False
    offered_for_solving: bool = False


DEPARTMENTS = (
    DepartmentPlan("Patronato", "patronato@demo.test"),
    DepartmentPlan(
        "Immigrazione",
        "immigrazione@demo.test",
        "Patronato",
        staff_name="Sportello Immigrazione",
        offered_for_solving=True,
    ),
    DepartmentPlan("Previdenza", "previdenza@demo.test", "Patronato", offered_for_solving=True),
    DepartmentPlan(
        "Fiscale",
        "fiscale@demo.test",
        staff_name="Ufficio Fiscale",
        limited_view=True,
        offered_for_solving=True,
    ),
    DepartmentPlan("Reclami", "reclami@demo.test", hidden=True, assignees_members_only=True),
)


@dataclass(frozen=True)
class OperatorPlan:
    """An operator, with the one department they are a member of."""

    name: str
    email: str
    role: str
    department: str | None
    language: str = "it"


OPERATORS = (
    OperatorPlan(ADMIN, "admin@demo.test", "Direzione", None, "en"),
    OperatorPlan(ANNA, "anna@demo.test", "Sportello", "Patronato"),
    OperatorPlan(BRUNO, "bruno@demo.test", "Responsabile immigrazione", "Immigrazione"),
    OperatorPlan(CARLA, "carla@demo.test", "Sportello", "Patronato"),
    OperatorPlan(DINO, "dino@demo.test", "Ufficio fiscale", "Fiscale"),
)

GROUPS = {"Sportello immigrazione": (ANNA, BRUNO), "Accoglienza": (CARLA,)}
PUBLIC_DEPARTMENTS = {"Accoglienza": "Fiscale"}
"""Opened to a group whose members are guests there: Carla passes tax questions on."""


@dataclass(frozen=True)
class CategoryPlan:
    """A category, where it routes to, and who handles it at which level."""

    name: str
    parent: str | None = None
    department: str | None = None
    base: tuple[str, ...] = ()
    advanced: tuple[str, ...] = ()
    initial_level: Level = Level.BASE
    visible: bool = True
    archived: bool = False
    description: str = ""


CATEGORIES = (
    CategoryPlan("Immigrazione", department="Immigrazione"),
    CategoryPlan(
        "Rinnovo permesso",
        "Immigrazione",
        "Immigrazione",
        base=(ANNA,),
        advanced=(BRUNO, DINO),
        description="Rinnovo e aggiornamento del permesso di soggiorno.",
    ),
    CategoryPlan(
        "Ricongiungimento familiare",
        "Immigrazione",
        "Immigrazione",
        base=(ANNA,),
        advanced=(BRUNO,),
    ),
    CategoryPlan(
        "Cittadinanza",
        "Immigrazione",
        "Immigrazione",
        base=(ANNA,),
        advanced=(BRUNO,),
        initial_level=Level.ADVANCED,
    ),
    CategoryPlan(
        "Emersione 2020", "Immigrazione", "Immigrazione", advanced=(BRUNO,), archived=True
    ),
    CategoryPlan("Previdenza", department="Previdenza"),
    CategoryPlan("Pensioni", "Previdenza", "Previdenza", advanced=(ANNA,)),
    CategoryPlan("NASpI e disoccupazione", "Previdenza", "Previdenza", advanced=(ANNA,)),
    CategoryPlan("Maternità e assegni", "Previdenza", "Previdenza", base=(ANNA,)),
    CategoryPlan("Invalidità civile", "Previdenza", "Previdenza", base=(ANNA,)),
    CategoryPlan("Fisco", department="Fiscale"),
    CategoryPlan(
        "730", "Fisco", "Fiscale", advanced=(DINO,), description="Dichiarazione dei redditi."
    ),
    CategoryPlan("ISEE", "Fisco", "Fiscale", advanced=(DINO,)),
    CategoryPlan("IMU e TARI", "Fisco", "Fiscale", base=(DINO,)),
    CategoryPlan("Successioni", "Fisco", "Fiscale", advanced=(DINO,), initial_level=Level.ADVANCED),
    CategoryPlan("Contenzioso fiscale", "Fisco", "Fiscale", advanced=(DINO,), visible=False),
    CategoryPlan("Informazioni", base=(ANNA, BRUNO, DINO), description="Orari, sedi, tessere."),
    CategoryPlan(
        "Segnalazioni",
        department="Reclami",
        description="In limbo: nessun operatore la gestisce, la vede soltanto l'amministratore.",
    ),
)
