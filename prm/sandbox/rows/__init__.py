"""Single records by id and by external id."""
