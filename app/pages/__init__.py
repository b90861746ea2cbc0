"""The few pages the desk has of its own: where mails lead people who have no client area."""
