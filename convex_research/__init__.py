"""Two instruments in, a page out that a careful quant would sign."""
