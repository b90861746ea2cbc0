"""The operators' schema, served at /graphql."""

from schema.core import Schema, build
from schema.desk.contacts import Organisation
from schema.desk.mutation import Mutation
from schema.desk.people import OperatorGroup
from schema.desk.query import Query
from schema.desk.subscription import Subscription
from schema.desk.timeline import ENTRY_TYPES

__all__ = ["SCHEMA"]

SCHEMA: Schema = build(Query, Mutation, Subscription, [*ENTRY_TYPES, OperatorGroup, Organisation])
