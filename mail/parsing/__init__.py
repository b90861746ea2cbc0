"""Bytes of a mail into what they say: pure, and safe for any bytes at all."""
