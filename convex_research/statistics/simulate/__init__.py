"""Simulated worlds: what a statistic is held against."""
