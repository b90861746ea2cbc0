"""Tortoise's fields, typed as the values they hold: `name: str = columns.CharField(…)`."""

from typing import Any

from tortoise import fields

CASCADE = fields.CASCADE
RESTRICT = fields.RESTRICT
SET_NULL = fields.SET_NULL

BigIntField: Any = fields.BigIntField
BinaryField: Any = fields.BinaryField
BooleanField: Any = fields.BooleanField
CharEnumField: Any = fields.CharEnumField
CharField: Any = fields.CharField
DateField: Any = fields.DateField
DatetimeField: Any = fields.DatetimeField
ForeignKeyField: Any = fields.ForeignKeyField
IntField: Any = fields.IntField
JSONField: Any = fields.JSONField
TextField: Any = fields.TextField
UUIDField: Any = fields.UUIDField
