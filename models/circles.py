"""Whose tickets a contact sees: their own, and their organisation's while it shares."""

from collections import OrderedDict

from models.desk import Desk
from models.people import Contact, Organisation

REMEMBERED = 4096
_circles: OrderedDict[tuple[int, int], frozenset[int]] = OrderedDict()
"""By contact and `rights_version`."""


async def circle_of(contact_id: int, version: int | None = None) -> frozenset[int]:
    """Ids of the contacts whose tickets this one sees; empty for none, and for a blocked one."""
    if version is None:
        version = (await Desk.get(id=1)).rights_version
    key = (contact_id, version)
    if key not in _circles:
        _circles[key] = await _load(contact_id)
        while len(_circles) > REMEMBERED:
            _circles.popitem(last=False)
    return _circles[key]


async def _load(contact_id: int) -> frozenset[int]:
    contact = await Contact.get_or_none(id=contact_id, blocked=False)
    if contact is None:
        return frozenset()
    organisation = await Organisation.get_or_none(id=contact.organisation_id or 0)
    if organisation is None or not organisation.shares_tickets:
        return frozenset({contact_id})
    colleagues = await Contact.filter(organisation_id=organisation.id)
    return frozenset({contact_id, *(one.id for one in colleagues)})
