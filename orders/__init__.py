"""Orders: where they come from, how they are read, tied to partners and counted."""
