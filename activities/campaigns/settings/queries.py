"""Settings of counting as they hold, saved or not."""

from django.conf import settings

from activities.campaigns.settings.models import CountingSettings


def settings_of_tenant() -> CountingSettings:
    """Return the tenant's settings, the usual ones when none were saved (1 query)."""
    return CountingSettings.objects.first() or CountingSettings()


def hosts_of_tenant() -> frozenset[str]:
    """Return the names of machines that links may lead to (1 query)."""
    return frozenset(settings_of_tenant().hosts)


def link_base(kept: CountingSettings) -> str:
    """Return what stands before `/c/…` in a letter: the tenant's own name, else the address of this installation."""
    return f"https://{kept.tracking_host}" if kept.tracking_host else str(settings.COMMAND_URL)
