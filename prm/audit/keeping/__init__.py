"""How long the trail is kept, what a night removes, and that it was exported."""
