"""Custom objects and fields: made from metadata, changed, deleted, kept in the org's file."""
