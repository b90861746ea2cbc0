"""What the benches share: cores, processes, databases, sockets, the line of JSON."""
