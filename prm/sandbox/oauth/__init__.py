"""Tokens by client credentials: granted, used, revoked."""
