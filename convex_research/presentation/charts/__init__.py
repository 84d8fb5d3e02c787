"""Charts: from a finished analysis to SVG."""
