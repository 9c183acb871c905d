"""Many records in one call, each with its own result."""
