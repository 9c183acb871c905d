"""What is kept in step: the declarations of all apps, checked at start, and the triggers that note changes.

Others call `registry.mappings()` and `registry.mapping(key)`; `capture.enqueue_all` makes everything dirty.
"""
