"""Whitelists of what is the same for everybody, written by type."""

from collections.abc import Mapping


def listed(fields: Mapping[str, str]) -> frozenset[str]:
    """`Type.field` of each field, written as words by type."""
    return frozenset(f"{kind}.{name}" for kind, names in fields.items() for name in names.split())
