"""What a page says of itself to other programs."""
