"""Which machines the desk talks to when an administrator names one: never those of its own host."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address

METADATA = frozenset(
    map(
        ip_address,
        ("169.254.169.254", "100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254"),
    )
)
"""Where clouds tell a machine its own secrets: Amazon and most others, Alibaba, Oracle, Azure,
Amazon by IPv6."""
SHARED = ip_network("100.64.0.0/10")
"""Of carriers (RFC 6598), and of many overlay networks: as private as the rest."""
TRANSLATED = ip_network("64:ff9b::/96")
"""IPv4 addresses in IPv6 (RFC 6052)."""
NEVER = "This address belongs to no mail server: it is link-local, or a cloud's metadata."
PRIVATE = (
    "This address is private, and this installation refuses those: "
    "SPORTELLO_MAIL_PRIVATE_HOSTS=yes lets them pass."
)
_private_allowed = [True]


def use(*, private: bool) -> None:
    """Said once by the composition root: whether private addresses may be talked to."""
    _private_allowed[:] = [private]


def refusal(address: str) -> str | None:
    """Why this IP address is not to be talked to, in words; None when it is."""
    plain = _plain(ip_address(address.partition("%")[0]))
    if plain in METADATA or plain.is_link_local or plain.is_multicast or plain.is_unspecified:
        return NEVER
    if not plain.is_loopback and plain.is_reserved:
        return NEVER
    private = plain.is_private or (plain.version == 4 and plain in SHARED)
    return PRIVATE if private and not _private_allowed[0] else None


def is_address(host: str) -> bool:
    """Whether it is an IP address rather than a name."""
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _plain(address: Address) -> Address:
    """What is meant by an IPv6 address that stands for one of IPv4."""
    if isinstance(address, IPv4Address):
        return address
    if address in TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
