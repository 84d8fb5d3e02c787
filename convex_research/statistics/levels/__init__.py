"""Prices and spreads as levels: unit roots, cointegration, reversion, trends."""
