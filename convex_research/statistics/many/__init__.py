"""Many tests at once."""
