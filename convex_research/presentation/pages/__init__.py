"""The parts of a page and their order."""
