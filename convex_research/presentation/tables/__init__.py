"""Tables: every number with interval, sample and key."""
