"""What carries hints: this process's memory, or Redis between several."""
