"""Hedge ratios, what they remove, and what one leg did when the other moved."""
