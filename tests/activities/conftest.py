"""What the tests of activities share."""

import pytest


@pytest.fixture
def asked(monkeypatch):
    """The partners whose standing was asked to be recomputed."""
    ids = []
    for room in ("visits", "market.competition", "market.budgets", "plans"):
        monkeypatch.setattr(f"activities.{room}.service.request_restanding", ids.extend)
    return ids
