"""Global ids (Relay): opaque to clients, `Kind:number` to us."""

import base64
import binascii

MOST = 2**63 - 1


def encode(kind: str, id: int) -> str:
    """The global id of a row."""
    return base64.urlsafe_b64encode(f"{kind}:{id}".encode()).decode().rstrip("=")


def decode(gid: str) -> tuple[str, int]:
    """Kind and number; ("", 0) for what is no id of ours, so that it finds nothing."""
    try:
        raw = base64.urlsafe_b64decode(gid + "=" * (-len(gid) % 4)).decode()
    except (ValueError, binascii.Error):
        return "", 0
    kind, _, number = raw.partition(":")
    if not (number.isascii() and number.isdigit()) or len(number) > len(str(MOST)):
        return "", 0
    return (kind, int(number)) if int(number) <= MOST else ("", 0)


def local_id(gid: str, kind: str) -> int:
    """The number of an id of this kind; 0, which no row has, for anything else."""
    found, number = decode(gid)
    return number if found == kind else 0
