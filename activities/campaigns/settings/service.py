"""The one write of the settings of counting."""

from collections.abc import Collection

from django.db import transaction

from activities.campaigns.addresses import checked_host, checked_network
from activities.campaigns.settings.models import CountingSettings
from activities.campaigns.settings.queries import settings_of_tenant
from activities.checks import text
from prm.accounts.rights import Right
from prm.core.errors import Refused
from prm.core.locks import lock_tenant
from prm.tenancy.context import current_tenant
from prm.tenancy.use_cases import requires

MOST_HOSTS = 50
LONGEST_KEPT = 120


@requires(Right.SETTINGS_EDIT)
@transaction.atomic
def save_settings(
    *,
    hosts: Collection[str],
    tracking_host: str = "",
    networks: Collection[str] = (),
    consent: str,
    keep_months: int,
) -> CountingSettings:
    """Say where links may lead, under which name, who is not counted, what people are told, and how long it is kept. Raises `Refused`."""
    lock_tenant("campaigns-settings", current_tenant().pk)
    kept = settings_of_tenant()
    kept.hosts = sorted({checked_host(one) for one in hosts if one.strip()})
    kept.networks = sorted({checked_network(one) for one in networks if one.strip()})
    if max(len(kept.hosts), len(kept.networks)) > MOST_HOSTS:
        raise Refused(f"At most {MOST_HOSTS} fit on a list.", field="hosts", code="too_many")
    kept.tracking_host = checked_host(tracking_host, "tracking_host") if tracking_host.strip() else ""
    if not 1 <= keep_months <= LONGEST_KEPT:
        raise Refused(
            f"Keep web visits 1 to {LONGEST_KEPT} months.", field="keep_months", code="out_of_range"
        )
    kept.keep_months = keep_months
    kept.consent = text(consent, "consent", 2000)
    if not kept.consent:
        raise Refused(
            "Say in a sentence what is counted; it stands under your letters.",
            field="consent",
            code="required",
        )
    kept.save()
    return kept
