"""One leg alone: performance, volatility, the shape of its returns.

``levels`` or ``prices`` are those at ``dates``, in increasing order; a path is NaN where undefined.
"""
