"""What objects and fields there are, as one user sees them."""
