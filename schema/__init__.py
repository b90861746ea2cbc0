"""The API in Python: types, inputs, results, descriptions; bodies of one line."""

from schema import enums as enums
