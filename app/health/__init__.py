"""Whether this process lives, and whether it is to be sent requests."""
