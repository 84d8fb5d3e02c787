"""Many pairs: what to build, building it, and what failed."""
