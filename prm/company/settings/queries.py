"""What a company's settings are, were, and are about to be."""

from collections.abc import Sequence
from datetime import datetime

from prm.company.settings.models import CompanyChange, CompanyLogo
from prm.company.settings.moves import MOVING, Move
from prm.company.settings.rules import FIELDS, Value
from prm.company.settings.states import ChangeState
from prm.tenancy.context import current_tenant

SHOWN = 20


def present_values() -> dict[str, Value]:
    """Return all settings as they are."""
    tenant = current_tenant()
    return {field: getattr(tenant, field) for field in FIELDS}


def changes() -> Sequence[CompanyChange]:
    """Return the last changes, the newest first (1 query)."""
    return list(CompanyChange.objects.exclude(values={})[:SHOWN])


def is_confirmed() -> bool:
    """Return whether somebody has changed the settings, or looked at them and found them right."""
    return bool(CompanyChange.objects.filter(state=ChangeState.DONE).exists())


def waiting_change() -> CompanyChange | None:
    """Return the change that is being worked out, if there is one."""
    found: CompanyChange | None = CompanyChange.objects.filter(state=ChangeState.WAITS).first()
    return found


def moves_of(change: CompanyChange) -> list[Move]:
    """Return what of a change moves figures."""
    return [
        Move(field, str(change.values[field][0]), str(change.values[field][1]), change.rate)
        for field in MOVING
        if field in change.values
    ]


def currency_at(moment: datetime) -> str:
    """Return the currency in which amounts were counted at a moment (1 query)."""
    later = CompanyChange.objects.filter(
        state=ChangeState.DONE, done_at__gt=moment, values__has_key="currency"
    )
    first: CompanyChange | None = later.order_by("done_at", "id").first()
    return str(first.values["currency"][0]) if first else current_tenant().currency


def logo_named(name: str) -> CompanyLogo | None:
    """Return the present logo by the name in its address."""
    found: CompanyLogo | None = CompanyLogo.objects.filter(name=name).first()
    return found
