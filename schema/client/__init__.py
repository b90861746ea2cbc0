"""The contacts' schema, served at /client/graphql."""

from schema.client.mutation import Mutation
from schema.client.query import Query
from schema.client.subscription import Subscription
from schema.client.types import Document
from schema.core import Schema, build, shown

__all__ = ["SCHEMA"]

SCHEMA: Schema = build(Query, Mutation, Subscription, [Document])
shown(SCHEMA, "ticketChanged")
