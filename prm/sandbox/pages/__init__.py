"""A few plain pages on which a person sees the org's records and changes them as its administrator."""
