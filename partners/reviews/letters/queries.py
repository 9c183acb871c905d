"""Which letters a signed review makes, and their PDF."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import typst
from django.db.models import F, QuerySet

from partners.kinds.queries import regulated_keys
from partners.reviews.cycle.models import CycleDecision, ReviewCycle, ReviewSettings
from partners.reviews.cycle.queries import settings
from partners.reviews.cycle.states import CycleState
from partners.reviews.letters.rules import SUBJECT, TEXT, filled
from partners.states import Tier
from prm.core.calendar import today
from prm.tenancy.context import current_tenant
from prm.ui.formatting import day

# Texts come in as data and are never read as a program.
_PAGE: Final = """
#let letters = json(bytes(sys.inputs.letters))
#set page(paper: "a4", margin: (x: 25mm, y: 30mm))
#set text(size: 11pt)
#set par(leading: 0.7em, spacing: 1.2em)
#for (at, letter) in letters.enumerate() {
  if at > 0 { pagebreak() }
  text(weight: "bold", letter.company)
  v(14mm)
  text(letter.partner)
  v(10mm)
  align(right, text(letter.day))
  v(6mm)
  text(weight: "bold", letter.subject)
  v(4mm)
  for words in letter.paragraphs { par(text(words)) }
}
"""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter as it goes out; `to` is empty where no address is known."""

    decision: CycleDecision
    to: str
    subject: str
    text: str


def deserving(cycle: ReviewCycle) -> QuerySet[CycleDecision]:
    """Return the decisions of a signed review that change a tier, of partners who may hear of it; none before it is signed."""
    if cycle.state not in (CycleState.SIGNED, CycleState.IN_FORCE):
        return CycleDecision.objects.none()
    changed = CycleDecision.objects.filter(cycle=cycle, left_out="").exclude(tier=F("from_tier"))
    allowed = changed.exclude(partner__kind__in=regulated_keys()).filter(partner__merged_into=None)
    return allowed.select_related("partner", "cycle__signed_by__user").order_by("partner__name", "pk")


def template(kept: ReviewSettings | None = None) -> tuple[str, str]:
    """Return subject and text of the tenant's letter, as delivered where nobody has written one."""
    found = kept or settings()
    return found.letter_subject or SUBJECT, found.letter_text or TEXT


def letters(decisions: Iterable[CycleDecision], words: tuple[str, str]) -> list[Letter]:
    """Write letters from a template."""
    return [_letter(one, *words) for one in decisions]


def _letter(one: CycleDecision, subject: str, text: str) -> Letter:
    values = {
        "partner": one.partner.name,
        "company": current_tenant().name,
        "from_tier": Tier.word_of(one.from_tier),
        "to_tier": Tier.word_of(one.tier),
        "valid_from": day(one.cycle.effective_on),
        "signed_by": str(one.cycle.signed_by.user) if one.cycle.signed_by else current_tenant().name,
        "review": one.cycle.name,
    }
    return Letter(one, one.partner.email, " ".join(filled(subject, values).split()), filled(text, values))


def pdf(some: Sequence[Letter]) -> bytes:
    """Set letters as one PDF, a page or more each."""
    tenant = current_tenant()
    data = [
        {
            "company": tenant.name,
            "partner": letter.decision.partner.name,
            "day": day(today(tenant)),
            "subject": letter.subject,
            "paragraphs": [part for part in letter.text.replace("\r", "").split("\n\n") if part.strip()],
        }
        for letter in some
    ]
    return bytes(typst.compile(_PAGE.encode(), format="pdf", sys_inputs={"letters": json.dumps(data)}))
