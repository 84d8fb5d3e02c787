"""Prices and spreads as levels: unit roots, cointegration, reversion, trends.

``log_a`` and ``log_b`` are log prices on shared dates, ``log_ratio`` is their difference or another
level, ``price_a`` and ``price_b`` are prices, ``spread`` is the return of A less that of B.
"""
