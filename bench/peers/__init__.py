"""Small programs that do the same work, to be measured against."""
