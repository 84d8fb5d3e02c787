"""Every day: what changed, how sure that is, and telling it once."""
