"""GraphQL over HTTP and websockets, from the bytes on the wire to the schema and back."""
