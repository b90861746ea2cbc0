"""Administration: who asks, then the action; what they look up, under the rule for it."""
