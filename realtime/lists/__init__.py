"""Lists and counters that are pushed: what changed is judged once for all who watch the same."""
