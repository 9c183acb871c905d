"""Partners as Salesforce accounts."""

from collections.abc import Mapping as Mapped
from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count

from partners.contacts.persons import NAMES_TOGETHER, PERSONS, changes_of, is_renamed, values_of
from partners.contacts.salesforce import CONTACT
from partners.directory.codes import is_npi, normalise
from partners.directory.models import Partner
from partners.directory.queries import living
from partners.directory.service import create_partner, set_own, update_partners
from partners.evidence.keys import domain_key, email_key, name_key, phone_key, place_key
from partners.evidence.queries import recognise
from partners.evidence.rules import Clues, Known, Verdict, weigh
from partners.evidence.sql import words_of_names
from partners.kinds.queries import all_choices, kind_choices
from partners.states import Tier
from prm.accounts.models import Membership
from prm.core.errors import Refused
from prm.core.words.countries import country_code, country_name
from prm.mapping import (
    Adopt,
    Aspect,
    Candidate,
    Direction,
    Field,
    Found,
    Here,
    Kind,
    Making,
    Mapping,
    Parent,
    Places,
    Recognised,
    Test,
    Touch,
    Values,
    Winner,
)
from prm.mapping import own as own_mapping
from prm.ownfields import values as own_values
from prm.ownfields.queries import here as own_fields

# Contact details are kept by whoever meets the partner, on either side. When both sides changed
# one, Salesforce's value stays (the default winner), because that is where the relationship is kept;
# ours is recorded. What a partner is specialised in decides whom it competes with and how it is counted: no rule knows
# which of two is right, so a person is asked.
_TEXTS = {"phone", "email", "website", "city", "region", "country", "specialty"}
_COLUMNS = (
    "name", "kind", "specialty", "organisation_id", "city", "region", "country", "email", "phone", "website", "tier", "rep_id",
    "merged_into_id",
)  # fmt: skip
_MOST_REGIONS, _LONGEST_NAME = 100, 200
_STANDING = ("level", "score", "share", "revenue_12m")
_OWN = "partner"
_READ = (*_COLUMNS, *(f"standing__{name}" for name in _STANDING))


def read(ids: Sequence[UUID]) -> dict[UUID, Values]:
    """Return the present values of partners, with their standing."""
    partners = Partner.objects.filter(pk__in=ids).select_related("standing").only(*_READ)
    own = own_values.values_of(_OWN, ids)
    fields = own_fields(_OWN)
    return {
        partner.pk: _values(partner) | own_mapping.values(fields, own[partner.pk]) for partner in partners
    }


def _offers() -> list[Field]:
    return own_mapping.offered(own_fields(_OWN), comes_back=True)


def _values(partner: Partner) -> dict[str, Here]:
    standing = getattr(partner, "standing", None)
    share = standing.share if standing else None
    details: dict[str, Here] = {
        "phone": partner.phone,
        "email": partner.email,
        "city": partner.city,
        "region": partner.region,
        "country": partner.country,
    }
    return {
        "name": partner.name,
        **details,
        **values_of(partner.name, details),
        "kind": partner.get_kind_display(),
        "kind_key": partner.kind,
        "specialty": partner.specialty,
        "organisation": partner.organisation_id,
        "website": partner.website,
        "rep": partner.rep_id,
        "tier": partner.get_tier_display() if partner.tier else "",
        "level": standing.get_level_display() if standing else "",
        "score": standing.score if standing else None,
        "share": None if share is None else share * 100,
        "revenue": standing.revenue_12m if standing else None,
    }


def apply(changes: Mapped[UUID, Values]) -> None:
    """Write what changed in Salesforce, all or none. Raises Refused."""
    changes = _as_partners(changes)
    organisations = living(one.get("organisation") for one in changes.values())
    reps = Membership.objects.by_id(one.get("rep") for one in changes.values())
    update_partners(
        {record_id: _changes(values, organisations, reps) for record_id, values in changes.items()}
    )
    if own := {
        record_id: said for record_id, values in changes.items() if (said := own_mapping.taken(values))
    }:
        set_own(own)


def _as_partners(changes: Mapped[UUID, Values]) -> dict[UUID, Values]:
    """Return changes with what changed at person accounts as what it is of a partner."""
    renamed = [pk for pk, one in changes.items() if is_renamed(one)]
    names = dict(Partner.objects.filter(pk__in=renamed).values_list("pk", "name")) if renamed else {}
    return {pk: changes_of(one, names.get(pk, "")) for pk, one in changes.items()}


def _changes(
    values: Values, organisations: Mapped[object, Partner], reps: Mapped[object, Membership]
) -> dict[str, object]:
    changes: dict[str, object] = {
        name: value for name, value in values.items() if not name.startswith(own_mapping.PREFIX)
    }
    if (rep := values.get("rep")) is not None:
        if rep not in reps:
            raise Refused("Its owner is a member who is not here any more.", field="rep")
        changes["rep"] = reps[rep]
    for field in _TEXTS & changes.keys():
        changes[field] = changes[field] or ""
    if (organisation := values.get("organisation")) is not None:
        if organisation not in organisations:
            raise Refused("It belongs to a partner that is not here any more.", field="organisation")
        changes["organisation"] = organisations[organisation]
    website = changes.get("website")
    if isinstance(website, str) and website and "://" not in website:
        # Salesforce takes an address without its scheme; here it is a link.
        changes["website"] = f"https://{website}"
    return changes


_KEYED = ("NPI", "tax id", "code", "id")


def _clues(rows: Sequence[Found]) -> list[Clues]:
    words = words_of_names([row.get("name", "") for row in rows])
    return [
        Clues(
            npi=npi if is_npi(npi := normalise(row.get("npi", ""))) else "",
            tax_id=normalise(row.get("tax_id", "")),
            code=("", normalise(row.get("code", ""))),
            email=email_key(row.get("email", "")),
            phone=phone_key(row.get("phone", "") or row.get("mobile", "")),
            name=row.get("name", ""),
            words=name_key(names) if names else frozenset(),
            city=place_key(_city(row)),
            domain=domain_key(row.get("email", "")) or domain_key(row.get("website", "")),
        )
        for row, names in zip(rows, words, strict=True)
    ]


def _city(row: Found) -> str:
    return row.get("city", "") or row.get("person_city", "")


def recognise_accounts(rows: Sequence[Found]) -> list[Recognised]:
    """Return which partner each account is, or may be, each on its own evidence (ten queries for any number)."""
    clues = _clues(rows)
    verdicts = recognise(clues)
    return [
        _recognised(one, verdict, _city(row)) for row, one, verdict in zip(rows, clues, verdicts, strict=True)
    ]


def _recognised(clues: Clues, verdict: Verdict, city: str) -> Recognised:
    if verdict.partner is not None:
        return Recognised(is_certain=True, candidates=(_candidate(verdict.partner, verdict.reason, city),))
    if not verdict.candidates:
        return Recognised()
    some = tuple(_candidate(known, reason, city) for known, reason in verdict.candidates)
    return Recognised(candidates=some, doubt=_doubt(clues, [known for known, _ in verdict.candidates]))


def _candidate(known: Known, reason: str, city: str) -> Candidate:
    words = reason.replace(" in the file", " in Salesforce")
    if city and known.city and place_key(city) != known.city:
        words += f" In {city} there, in {known.city.title()} here."
    return Candidate(record_id=UUID(known.id), name=known.name, reason=words)


def _doubt(clues: Clues, candidates: Sequence[Known]) -> str:
    """Return in words why a person is asked."""
    first = weigh(clues, candidates[0])
    if len(candidates) > 1 and weigh(clues, candidates[1]).same == first.same:
        return "Could be more than one"
    keyed = [what for what in first.same if what in _KEYED]
    if keyed and first.other:
        return f"Same {keyed[0]}, another {first.other[0][0]}"
    if first.same:
        return f"Same {first.same[0]}, another name"
    return "Same name, another city" if clues.city and not first.is_here else "Same name, nothing else"


def make_partner(kind: str, name: str) -> UUID:
    """Make a partner of an account that nobody here is; its details come with the next comparison. Raises Refused."""
    return create_partner(name=name[:_LONGEST_NAME], kind=kind).pk


def _tiers() -> list[tuple[str, str]]:
    return [*((tier.value, tier.label) for tier in Tier), ("", "No tier yet")]


def _regions() -> list[tuple[str, str]]:
    """Return the regions that partners have, most partners first."""
    counted = Partner.objects.values_list("region").annotate(count=Count("pk")).order_by("-count", "region")
    return [(region, region or "No region") for region, _count in counted[:_MOST_REGIONS]]


ASPECTS = (
    Aspect(
        key="kinds", label="Kinds", test=Test.VALUES, sql="r.kind", options=all_choices,
        outside="Its kind is not among those that are kept in step.",
    ),
    Aspect(
        key="tiers", label="Tiers", test=Test.VALUES, sql="r.tier", options=_tiers,
        outside="Its tier is not among those that are kept in step.",
    ),
    Aspect(
        key="regions", label="Regions", test=Test.VALUES, sql="r.region", options=_regions, is_open=True,
        outside="Its region is not among those that are kept in step.",
    ),
    Aspect(
        key="active", label="Active ones only", test=Test.FLAG, sql="r.is_active",
        outside="It is not active, and only active ones are kept in step.",
    ),
)  # fmt: skip


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
        offers=_offers,
        adopt=Adopt(
            clues={
                "name": "Name",
                "code": "AccountNumber",
                "phone": "Phone",
                "website": "Website",
                "city": "BillingCity",
                "email": "PersonEmail",
                "mobile": "PersonMobilePhone",
                "person_city": "PersonMailingCity",
            },
            keys={
                "npi": r"(^|[^a-z])npi([^a-z]|$)|national provider",
                "tax_id": r"tax.?(id|number|payer)|(^|[^a-z])(tin|ein|vat)([^a-z]|$)",
                "email": r"e-?mail",
            },
            recognise=recognise_accounts,
            making=Making(label="Kind", sorts=kind_choices, make=make_partner),
        ),
        persons=PERSONS,
        together=NAMES_TOGETHER,
        places=Places(country="country", region="region", meant=country_code, name=country_name),
        parents=(
            Parent(
                here="organisation",
                there="ParentId",
                mapping="partners.partner",
                required=False,
                direction=Direction.BOTH,
                column="r.organisation_id",
                persons=False,
            ),
        ),
        aspects=ASPECTS,
        fields=(
            Field(here="name", there="Name", length=255, direction=Direction.BOTH),
            Field(here="phone", there="Phone", kind=Kind.PHONE, length=40, direction=Direction.BOTH),
            Field(here="website", there="Website", kind=Kind.URL, direction=Direction.BOTH),
            Field(here="city", there="BillingCity", length=40, cut=True, direction=Direction.BOTH),
            Field(here="region", there="BillingState", length=80, cut=True, direction=Direction.BOTH),
            Field(here="country", there="BillingCountry", length=80, direction=Direction.BOTH),
            Field(
                here="email", there="PRM_Email__c", kind=Kind.EMAIL, label="E-mail", direction=Direction.BOTH
            ),
            # Whose account it is there, his panel it is here.
            Field(
                here="rep",
                there="OwnerId",
                kind=Kind.OWNER,
                label="Owner",
                length=18,
                direction=Direction.BOTH,
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
                watch=(*_COLUMNS, "is_active"),
            ),
            Touch(
                table="partners_standing",
                record="partner_id",
                watch=_STANDING,
            ),
            *own_mapping.touches("partners_partnervalue", "partner_id"),
        ),
    ),
    CONTACT,
]
