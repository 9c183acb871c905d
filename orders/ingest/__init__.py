"""The one path on which orders come in: read, group, stage, merge. Every door ends here."""
