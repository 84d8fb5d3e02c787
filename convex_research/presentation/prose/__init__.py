"""Sentences and names of a page."""
