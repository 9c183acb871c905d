"""The tab of the settings about mail and the digest."""

from datetime import timedelta

from prm.company.settings.tabs import SettingsTab
from prm.core.clock import now
from prm.digest.sending.queries import failed_since


def _failed() -> int | None:
    """Return how many digests were not sent in the last seven days; None for none."""
    return failed_since(now() - timedelta(days=7)) or None


TABS = [SettingsTab(key="mail", label="Mail and digest", url_name="digest:settings", count=_failed, order=30)]
