"""Hedge ratios, what they remove, and what one leg did when the other moved.

A is held and B is sold. ``ratios`` are those of the last K sessions, each known the day before.
"""
