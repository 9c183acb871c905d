"""Reads of the directory that other rooms ask for: who may be meant by a name or a code."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q

from partners.directory import schemes
from partners.directory.codes import normalise
from partners.directory.likeness import Known, Likeness, likeness
from partners.directory.models import Partner, PartnerAlias, ReferralCode
from partners.directory.sql import ALIASES, NAMES, similar_names
from prm.accounts.rights import Right
from prm.core.errors import Refused
from prm.core.ids import uuid7
from prm.tenancy.base import id_for, ids_for
from prm.tenancy.context import current_actor, current_tenant

# What the database keeps of a partner by itself, or what is part of it.
_PARTS: Final = frozenset(
    {"LookAlike", "PartnerAlias", "PartnerWord", "ReferralCode", "Standing", "StandingMonth"}
)


class NamedPartner(NamedTuple):
    """A partner as far as it matters to know who is meant; `codes` are (key of the scheme, normal form)."""

    id: UUID
    name: str
    specialty: str
    organisation: str
    codes: tuple[tuple[str, str], ...]


class Affiliation(NamedTuple):
    """Where a partner belongs."""

    partner_id: UUID
    organisation_id: UUID | None
    region: str


def affiliations(partner_ids: Iterable[UUID]) -> list[Affiliation]:
    """Return where partners belong; one query."""
    rows = Partner.with_merged.filter(pk__in=list(partner_ids))
    return [Affiliation(*row) for row in rows.values_list("pk", "organisation_id", "region")]


def similar_partners(names: Sequence[str], *, limit: int = 60) -> list[list[UUID]]:
    """Return for each name at most `limit` active partners with a similar one, best first; one query.

    Found are names with the same words, or words with one letter more, less or another, in any order and
    however accented; titles and legal forms weigh like any word. Nothing is read but the words looked for.
    """
    return similar_names(names, limit=limit) if any(names) else [[] for _ in names]


def partners_named(partner_ids: Iterable[UUID], *, digits: Iterable[str] = ()) -> list[NamedPartner]:
    """Return active partners by id, and those one of whose codes has these digits; one query."""
    same_digits = ReferralCode.objects.filter(digits__in=list(digits)).values("partner_id")
    by_id = Partner.objects.filter(pk__in=list(partner_ids)).values("pk")
    rows = (
        Partner.objects.active()
        .filter(pk__in=by_id.union(same_digits))
        .order_by("name", "id")
        .values_list("pk", "name", "specialty", "organisation__name")
        .annotate(schemes=_each_code("scheme_key"), normals=_each_code("normal"))
    )
    return [
        NamedPartner(
            pk, name, specialty, organisation or "", tuple(sorted(zip(schemes, normals, strict=True)))
        )
        for pk, name, specialty, organisation, schemes, normals in rows
    ]


def look_alikes(asked: Sequence[Known], *, least: int, most: int = 20) -> list[list[tuple[Known, Likeness]]]:
    """Return for each partner asked about (here already, or to be) others that may be the same, best first.

    Candidates come by indexes: similar names (as `similar_partners`), the same phone, e-mail or digits of a code.
    """
    similar = similar_partners([one.names[0] for one in asked], limit=most)
    shared = _sharing(asked)
    known = {one.id: one for one in known_partners({pk for ids in similar for pk in ids} | shared)}
    found = []
    for one, ids in zip(asked, similar, strict=True):
        candidates = [known[pk] for pk in {*ids, *shared} if pk in known and pk != one.id]
        weighed = [(other, likeness(one, other)) for other in candidates]
        alike = [pair for pair in weighed if pair[1].score >= least]
        found.append(sorted(alike, key=lambda pair: (-pair[1].score, str(pair[0].id)))[:most])
    return found


def _sharing(asked: Sequence[Known]) -> set[UUID]:
    """Return partners that have the phone, the e-mail or the digits of a code of one asked about."""
    phones = {one.phone for one in asked} - {""}
    emails = {one.email for one in asked} - {""}
    digits = {digits for one in asked for _, digits in one.codes if digits}
    same = Partner.objects.filter(
        (Q(phone_digits__in=phones) & ~Q(phone="")) | (Q(email_key__in=emails) & ~Q(email=""))
    )
    coded = ReferralCode.objects.filter(digits__in=digits).values_list("partner_id", flat=True)
    return {*same.values_list("pk", flat=True), *coded} if phones or emails else set(coded)


def known_partners(partner_ids: Iterable[UUID]) -> list[Known]:
    """Return partners as far as it matters to know who is meant; those merged are left out."""
    rows = (
        Partner.objects.filter(pk__in=list(partner_ids)).prefetch_related("codes", "aliases").order_by("pk")
    )
    return [
        Known(
            partner.pk,
            (partner.name, *(alias.name for alias in partner.aliases.all())),
            partner.city,
            partner.phone_digits,
            partner.email_key,
            partner.organisation_id,
            tuple((code.scheme_key, code.digits) for code in partner.codes.all()),
        )
        for partner in rows
    ]


def partners_by_words(words: Sequence[str], *, most: int) -> list[UUID]:
    """Return ids of partners, active or not, in one of whose names each of the words begins a word.

    By indexes alone; those whose other name it is come last.
    """
    tenant_id = current_tenant().pk
    ids = NAMES.named(words, tenant_id=tenant_id, most=most)
    aliases = ALIASES.named(words, tenant_id=tenant_id, most=most)
    if aliases:
        owners = (
            PartnerAlias.objects.filter(pk__in=aliases).order_by("pk").values_list("partner_id", flat=True)
        )
        ids = list(dict.fromkeys([*ids, *owners]))[:most]
    return ids


def what_depends(partner_ids: Collection[UUID]) -> Mapping[UUID, list[str]]:
    """Return what rows of any app refer to partners, in words, by partner: such a partner cannot be removed.

    A model whose rows hold a partner only while they stand says so in `holds_partner`.
    """
    found: dict[UUID, list[str]] = defaultdict(list)
    for relation in Partner._meta.get_fields(include_hidden=True):
        model = relation.related_model if relation.auto_created and not relation.concrete else None
        if model is None or model._meta.object_name in _PARTS or hasattr(model, "pgh_obj"):
            continue
        field = relation.field.name  # type: ignore[union-attr]  # a relation from another model has one
        holding = model._default_manager.filter(getattr(model, "holds_partner", Q()))
        rows = holding.filter(**{f"{field}__in": partner_ids}).values_list(field, flat=True)
        for partner_id in rows.order_by(field).distinct():
            found[partner_id].append(str(model._meta.verbose_name_plural))
    return found


def depending_words(partner_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Return what refers to partners in one phrase, by partner."""
    return {pk: " and ".join(sorted(set(words))) for pk, words in what_depends(partner_ids).items()}


def merged_since(partner_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Return of those that were merged into another, in words, whose rows they are now."""
    rows = Partner.with_merged.filter(pk__in=partner_ids, merged_into__isnull=False)
    return {pk: f"merged into {name}" for pk, name in rows.values_list("pk", "merged_into__name")}


def living(partner_ids: Iterable[object]) -> Mapping[object, Partner]:
    """Return partners by these ids; of one that was merged the partner that it is now (1 query). What is no id is nobody."""
    wanted = {one for one in partner_ids if isinstance(one, UUID)}
    rows = Partner.with_merged.select_related("merged_into").filter(pk__in=wanted) if wanted else ()
    return {partner.pk: partner.merged_into or partner for partner in rows}


def _each_code(field: str) -> ArrayAgg:
    return ArrayAgg(f"codes__{field}", filter=Q(codes__isnull=False), order_by="codes__id", default=[])


def id_of(codes: Sequence[tuple[str, str]], known_as: Sequence[str]) -> UUID:
    """Return the id of a new partner, by its first code or else by what a list says of it."""
    if codes:
        return ids_of_codes(codes[0][0], [normalise(codes[0][1])])[0]
    return id_for(Partner, "partner", *known_as) if known_as else uuid7()


def ids_of_codes(scheme: str, normals: Sequence[str]) -> list[UUID]:
    """Return the ids for partners who are known by these codes in normal form."""
    key = schemes.plain_key(scheme)
    return ids_for(Partner, "code", [(key, normal) for normal in normals])


# --- what may not be written ----------------------------------------------------------------------


def keeps_to_own_panel() -> bool:
    """Whether who acts is a rep: managers, feeds and PRM's own work move partners freely."""
    actor = current_actor()
    return actor.member_id is not None and not actor.may(Right.ACTIVITY_MANAGE)


def check_panel(partner: Partner, rep: object) -> None:
    """Refuse to take a partner out of a colleague's panel: what is kept about it would change hands as well."""
    keeper = partner.rep
    if keeper is None or keeper == rep or keeper.pk == current_actor().member_id:
        return
    if keeper.is_active:
        raise Refused(
            f"{partner.name} is in the panel of {keeper.user}. A manager moves it.",
            field="rep",
            code="not_allowed",
        )


def check_organisation(partner: Partner, organisation: Partner) -> None:
    """Refuse an organisation that is the partner itself, or belongs to it, by way of others too."""
    above: Partner | None = organisation
    while above is not None:
        if above.pk == partner.pk:
            raise Refused(
                "A partner cannot belong to itself, not even by way of others.",
                field="organisation",
                code="circle",
            )
        above = above.organisation


def present(partner: Partner | None) -> Partner:
    """Return a partner that is one of its own. Raises `Refused` for one that is not, or is not there."""
    if partner is None:
        raise Refused("This partner does not exist any more.", code="not_found")
    if partner.merged_into is not None:
        raise Refused(f"{partner.name} was merged into {partner.merged_into.name}.", code="merged")
    return partner
