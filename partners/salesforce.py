"""Partners as Salesforce accounts."""

from collections.abc import Sequence
from uuid import UUID

from partners.directory.models import Partner
from partners.directory.service import update_partner
from prm.mapping import Direction, Field, Here, Kind, Mapping, Parent, Touch, Values, Winner

# Contact details are kept by whoever meets the partner, on either side. When both sides changed
# one, Salesforce's value stays (the default winner), because that is where the relationship is kept;
# ours is recorded. What a partner is specialised in decides whom it competes with and how it is counted: no rule knows
# which of two is right, so a person is asked.
_TEXTS = {"phone", "email", "website", "city", "region", "specialty"}
_COLUMNS = (
    "name", "kind", "specialty", "organisation_id", "city", "region", "email", "phone", "website", "tier",
    "merged_into_id",
)  # fmt: skip
_STANDING = ("level", "score", "share", "revenue_12m")
_READ = (*_COLUMNS, *(f"standing__{name}" for name in _STANDING))


def read(ids: Sequence[UUID]) -> dict[UUID, Values]:
    """Return the present values of partners, with their standing."""
    partners = Partner.objects.filter(pk__in=ids).select_related("standing").only(*_READ)
    return {partner.pk: _values(partner) for partner in partners}


def _values(partner: Partner) -> dict[str, Here]:
    standing = getattr(partner, "standing", None)
    share = standing.share if standing else None
    return {
        "name": partner.name,
        "kind": partner.get_kind_display(),
        "specialty": partner.specialty,
        "organisation": partner.organisation_id,
        "phone": partner.phone,
        "email": partner.email,
        "website": partner.website,
        "city": partner.city,
        "region": partner.region,
        "tier": partner.get_tier_display() if partner.tier else "",
        "level": standing.get_level_display() if standing else "",
        "score": standing.score if standing else None,
        "share": None if share is None else share * 100,
        "revenue": standing.revenue_12m if standing else None,
    }


def apply(partner_id: UUID, values: Values) -> None:
    """Write what changed in Salesforce. Raises Refused."""
    changes: dict[str, object] = dict(values)
    for field in _TEXTS & changes.keys():
        changes[field] = changes[field] or ""
    if (organisation := changes.get("organisation")) is not None:
        changes["organisation"] = Partner.objects.filter(pk=organisation).first()
    website = changes.get("website")
    if isinstance(website, str) and website and "://" not in website:
        # Salesforce takes an address without its scheme; here it is a link.
        changes["website"] = f"https://{website}"
    update_partner(partner_id, expected_version=None, own=None, **changes)


MAPPINGS = [
    Mapping(
        key="partners.partner",
        singular="partner",
        plural="partners",
        sobject="Account",
        there_words="Account",
        url_name="partners:detail",
        read=read,
        apply=apply,
        parents=(
            Parent(
                here="organisation",
                there="ParentId",
                mapping="partners.partner",
                required=False,
                direction=Direction.BOTH,
            ),
        ),
        fields=(
            Field(here="name", there="Name", length=255, direction=Direction.BOTH),
            Field(here="phone", there="Phone", kind=Kind.PHONE, length=40, direction=Direction.BOTH),
            Field(here="website", there="Website", kind=Kind.URL, direction=Direction.BOTH),
            Field(here="city", there="BillingCity", length=40, cut=True, direction=Direction.BOTH),
            Field(here="region", there="BillingState", length=80, cut=True, direction=Direction.BOTH),
            Field(
                here="email", there="PRM_Email__c", kind=Kind.EMAIL, label="E-mail", direction=Direction.BOTH
            ),
            Field(here="kind", there="PRM_Kind__c", label="Partner kind", length=40),
            Field(
                here="specialty",
                there="PRM_Specialty__c",
                label="Specialty",
                length=120,
                direction=Direction.BOTH,
                winner=Winner.ASK,
            ),
            Field(here="level", there="PRM_Level__c", label="Level", length=20),
            Field(here="tier", there="PRM_Tier__c", label="Tier", length=20),
            Field(here="score", there="PRM_Score__c", kind=Kind.NUMBER, label="Score", scale=1),
            Field(
                here="share", there="PRM_Market_Share__c", kind=Kind.PERCENT, label="Market share", scale=1
            ),
            Field(
                here="revenue",
                there="PRM_Revenue_12m__c",
                kind=Kind.CURRENCY,
                label="Revenue, 12 months",
                scale=2,
            ),
        ),
        touched_by=(
            Touch(
                table="partners_partner",
                watch=_COLUMNS,
            ),
            Touch(
                table="partners_standing",
                record="partner_id",
                watch=_STANDING,
            ),
        ),
    ),
]
