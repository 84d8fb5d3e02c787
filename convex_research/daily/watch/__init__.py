"""Looks at pairs, and which changes are news."""
