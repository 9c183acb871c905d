"""What can be found in this app: partners by name, and the codes that order systems use for them."""

from urllib.parse import quote

from partners.directory.codes import normalise
from partners.directory.models import Partner, ReferralCode
from partners.directory.queries import partners_by_words
from partners.states import Tier
from prm.accounts.rights import Right
from prm.core.urls import tenant_url
from prm.core.words.tables import beginning
from prm.search.registry import MOST_COUNTED, NOTHING, Asked, Found, Hit, HitAction, SearchSource
from prm.tenancy.context import current_tenant
from prm.ui.components import avatar
from prm.ui.formatting import money


def partners_list(text: str) -> str:
    """Return the list of partners, filtered by a text."""
    return f"{tenant_url(current_tenant(), 'partners:list')}?q={quote(text)}"


def find_partners(asked: Asked) -> Found:
    """Find partners by words of the name: active ones first, then those that bring most."""
    ids = partners_by_words(asked.words, most=MOST_COUNTED)
    if not ids:
        return NOTHING
    exact = {pk: place for place, pk in enumerate(ids)}
    rows = list(Partner.objects.with_standing().filter(pk__in=ids).prefetch_related("aliases"))
    rows.sort(key=lambda p: (not _begins(p, asked), not p.is_active, -_revenue(p), exact[p.pk]))
    return Found([_hit(partner, asked) for partner in rows[: asked.most]], len(rows))


def _begins(partner: Partner, asked: Asked) -> bool:
    return partner.name.casefold().startswith(asked.text.casefold())


def _revenue(partner: Partner) -> float:
    standing = getattr(partner, "standing", None)
    return float(standing.revenue_12m) if standing else 0.0


def _hit(partner: Partner, asked: Asked) -> Hit:
    organisation = partner.organisation.name if partner.organisation else partner.city
    words = [
        _also(partner, asked),
        partner.second_word,
        organisation,
        "" if partner.is_active else "not active",
    ]
    return Hit(
        title=partner.name,
        url=partner.get_absolute_url(),
        id=str(partner.pk),
        detail=" · ".join(word for word in words if word),
        aside=_standing(partner) if Right.STANDING_VIEW in asked.rights else "",
        mark=avatar(partner.name),
    )


def _also(partner: Partner, asked: Asked) -> str:
    """Return the other name by which a partner was found, "" where its own name has what was asked."""
    if all(word in partner.name.casefold() for word in asked.text.casefold().split()):
        return ""
    names = [alias.name for alias in partner.aliases.all()]
    fitting = [
        name for name in names if all(word in name.casefold() for word in asked.text.casefold().split())
    ]
    return f"also {fitting[0]}" if fitting else ""


def _standing(partner: Partner) -> str:
    standing = getattr(partner, "standing", None)
    if standing is None:
        return ""
    revenue = f"{money(standing.revenue_12m, current_tenant())}, 12 months"
    return f"{Tier(partner.tier).label} · {revenue}" if partner.tier else revenue


def find_codes(asked: Asked) -> Found:
    """Find codes of partners that begin with the text, the shortest range of an index."""
    normal = normalise(asked.text)
    if not normal:
        return NOTHING
    begins = beginning(ReferralCode.objects.all(), "normal", normal).order_by("normal")
    ids = list(begins.values_list("pk", flat=True)[:MOST_COUNTED])
    rows = ReferralCode.objects.filter(pk__in=ids[: asked.most]).select_related("partner").order_by("normal")
    return Found([_code_hit(code) for code in rows], len(ids))


def _code_hit(code: ReferralCode) -> Hit:
    scheme = code.scheme or "code"
    return Hit(
        title=code.code,
        url=code.partner.get_absolute_url(),
        id=str(code.pk),
        detail=f"{scheme} of {code.partner.name}",
        aside="" if code.partner.is_active else "not active",
    )


def _plural() -> str:
    noun = current_tenant().partner_noun_plural
    return noun[:1].upper() + noun[1:]


SEARCHES = [
    SearchSource(
        key="partners",
        label=_plural,
        icon="users",
        right=Right.PARTNER_VIEW,
        find=find_partners,
        everything=partners_list,
        order=10,
    ),
    SearchSource(
        key="codes", label="Codes", icon="hash", right=Right.PARTNER_VIEW, find=find_codes, order=20
    ),
]

ACTIONS = [
    HitAction(
        key="edit-partner",
        on="partners",
        words="Edit",
        icon="pencil",
        right=Right.PARTNER_EDIT,
        url=lambda hit: tenant_url(current_tenant(), "partners:edit", pk=hit.id),
        in_sheet=True,
        order=90,
    )
]
