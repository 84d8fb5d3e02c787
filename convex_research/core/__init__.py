"""The ground floor: errors, results and their configuration, and how they are shown."""
