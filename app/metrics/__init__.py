"""What Prometheus reads: numbers that are counted anyway, put into its text when it asks."""
