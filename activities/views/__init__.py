"""Pages and fragments, by what they are about."""
