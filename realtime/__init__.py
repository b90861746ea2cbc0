"""Deliver changes to sockets; may lose a message, never a truth."""
