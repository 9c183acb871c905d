"""What a client may use: versions, resources, and API calls of the last 24 hours."""
