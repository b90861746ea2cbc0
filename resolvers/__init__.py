"""Who is asking, what may they see, load it, call the action; resolvers return models."""
