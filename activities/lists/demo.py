"""Lists of the demo tenants: one that was written, and one that waits for somebody's look."""

import io
from collections.abc import Sequence

from django.core.files.base import ContentFile
from django.db import transaction

from activities.lists.runs import service
from activities.lists.runs.models import BringRow, BringRun
from partners.directory.models import Partner
from prm.tenancy.models import Tenant

_PHONES = "phones_2026.csv"


def settle(tenant: Tenant) -> None:
    """Bring two lists from files."""
    with transaction.atomic():
        if BringRun.objects.exists():
            return
        partners = list(Partner.objects.active().exclude(city="").order_by("name", "pk")[:5])
    done = _read(_PHONES, [("Name", "City", "Phone"), *_phones(partners[:3])])
    service.start(done.pk, at_once=True)
    while service.write(done.pk):
        pass
    _read(f"{tenant.partner_noun_plural}.csv", _whole_list(partners))
    with transaction.atomic():
        assert BringRow.objects.exists()


def _phones(partners: Sequence[Partner]) -> list[tuple[str, str, str]]:
    return [
        (partner.name, partner.city, f"+1 202 555 01{place:02}") for place, partner in enumerate(partners, 40)
    ]


def _whole_list(partners: Sequence[Partner]) -> list[tuple[str, ...]]:
    first, second = partners[0], partners[1]
    return [
        ("Name", "Kind", "City", "Specialty", "E-mail"),
        (first.name, first.kind, first.city, first.specialty or "General", "office@first.example"),
        (second.name, second.kind, "Westfield", second.specialty, ""),
        ("Noor Haddad", first.kind, "Westfield", first.specialty, "noor@haddad.example"),
        ("Ilse Brandt", first.kind, "Ridge", "", "ilse@brandt"),
    ]


def _read(name: str, rows: Sequence[Sequence[str]]) -> BringRun:
    text = io.StringIO(newline="")
    for row in rows:
        text.write(",".join(f'"{cell}"' for cell in row) + "\r\n")
    run = service.bring("partners", ContentFile(text.getvalue().encode(), name=name), at_once=True)
    return service.look(run.pk)
