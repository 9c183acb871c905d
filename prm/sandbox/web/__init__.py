"""HTTP: requests from sockets to orgs, and answers back, whole or cut."""
