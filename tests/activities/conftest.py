"""What the tests of activities share."""

import pytest


@pytest.fixture
def asked(monkeypatch):
    """The partners whose standing was asked to be recomputed."""
    ids = []
    for name in ("visits", "insights", "opportunities", "plans"):
        monkeypatch.setattr(f"activities.services.{name}.request_restanding", ids.extend)
    return ids
