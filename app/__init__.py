"""Composition root: settings, the ASGI app, transports, reactions, worker and command line."""
