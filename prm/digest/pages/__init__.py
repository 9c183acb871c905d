"""The pages and the API of the digest: one's own, one's choice, and the organisation's default."""
