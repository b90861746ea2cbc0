"""Every write: permission, transaction, rows, events, in that order."""
