"""One leg alone: performance, volatility, the shape of its returns."""
