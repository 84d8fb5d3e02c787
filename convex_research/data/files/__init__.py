"""A user's own files, and tables of dates and numbers whoever wrote them."""
