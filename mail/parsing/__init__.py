"""The parts of parsing a mail: each takes bytes or texts of any kind, and none does I/O."""
