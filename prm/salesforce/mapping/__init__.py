"""What is kept in step: the declarations of all apps, as a tenant has chosen them, and the triggers that note changes.

Others call `registry.mappings()` and `registry.mapping(key)`, which are those of the tenant in scope (`choices`), and
`registry.declared()` for what the apps declare; `capture.enqueue_all` makes everything dirty.
"""
