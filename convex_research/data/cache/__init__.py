"""Bodies kept on disk: the cache, snapshots, and what was read from both."""
