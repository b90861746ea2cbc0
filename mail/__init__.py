"""Mail in, mail out; parsing and routing are pure, I/O is at the edge."""
