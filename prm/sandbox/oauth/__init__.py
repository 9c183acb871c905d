"""Tokens: by the app's secret, by a signed sign-in (`assertions.py`), by what a person allowed (`grants.py`); used, revoked."""
