"""Which records were updated or deleted in a window of time."""
