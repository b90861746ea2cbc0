"""Measures what the program exists for, each figure a ratio inside one run."""
