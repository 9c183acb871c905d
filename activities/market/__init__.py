"""What the market does: business that is expected, and who else wants it."""
