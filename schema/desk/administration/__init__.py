"""What administers the desk through its API: a module for each noun."""
