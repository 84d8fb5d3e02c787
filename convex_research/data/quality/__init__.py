"""The gate: what is wrong with the data, said before anything is computed from it."""
