"""Readers of the sources: one a file, and what makes a provider of a reader."""
