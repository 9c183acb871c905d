"""Durable state of one org: one SQLite file with a table per object."""
