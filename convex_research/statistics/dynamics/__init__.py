"""What moves: volatility, correlation and beta over time, and forecasts of them."""
