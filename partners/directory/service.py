"""Every write to partners, and the only way in for page, API, admin, task, import and sync.

All functions run in the scope of a tenant, are atomic, take everything but the subject by keyword,
and raise `Refused` when a rule forbids what was asked.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, cast
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F

from partners.directory import schemes
from partners.directory.codes import is_npi, normal_of
from partners.directory.likeness import ASKED, Known
from partners.directory.models import Partner, PartnerAlias, ReferralCode
from partners.directory.queries import (
    check_organisation,
    check_panel,
    id_of,
    ids_of_codes,
    keeps_to_own_panel,
    look_alikes,
    present,
    what_depends,
)
from partners.directory.signals import code_added, codes_added, codes_changing
from partners.directory.sql import insert_select
from partners.kinds.service import check_kind
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.core.clock import now
from prm.core.errors import Refused
from prm.core.fields import LONGEST_TEXT
from prm.core.ids import id_stem, uuid7
from prm.core.locks import lock_tenant
from prm.core.notation.reader import figure
from prm.core.types import SqlValue
from prm.core.words.countries import country_meant
from prm.ownfields import values as own_values
from prm.ownfields.rules import Raw
from prm.tenancy.base import ids_for
from prm.tenancy.context import current_tenant
from prm.tenancy.use_cases import requires

_EDITABLE = frozenset({
    "name", "kind", "specialty", "organisation", "city", "region", "country", "email", "phone", "website", "is_active", "rep", "notes",
})  # fmt: skip


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def create_partner(
    *,
    name: str,
    kind: str,
    codes: Iterable[tuple[str, str]] = (),
    another_than: Collection[UUID] | None = None,
    known_as: Sequence[str] = (),
    own: Mapping[str, Raw] | None = None,
    **details: object,
) -> Partner:
    """Add a partner, with referral codes as (scheme, code) pairs and values of own fields (`own`, by key).

    `details` are fields of Partner that people may edit; `organisation` is a Partner, `rep` a
    Membership. A code that another partner has is refused and nothing is kept. With `another_than` (ids, perhaps none)
    raises `LooksLike` where somebody else is here who may be the same; without it nobody is asked.

    The id is made of the first code, else of `known_as`, what a list says of who has no code: brought again into a
    restored database, the partner is the same one (`prm.tenancy.base`). Codes that go or change owner change no id.
    """
    codes = list(codes)
    if codes:
        codes_changing.send(sender=ReferralCode)
    partner = Partner(pk=id_of(codes, known_as))
    _apply(partner, {"name": name, "kind": kind, **details})
    if another_than is not None:
        _ask(partner, codes, another_than)
    try:
        with transaction.atomic():
            partner.save(force_insert=True)
    except IntegrityError:
        # Somebody else has just added who has this id; whether the code is taken is found below.
        partner.pk = uuid7()
        partner.save(force_insert=True)
    for scheme, code in codes:
        add_code(partner.pk, scheme=scheme, code=code)
    own_values.write("partner", {partner.pk: own or {}})
    return partner


class NewPartner(NamedTuple):
    """A partner to be added: name, kind, codes as (scheme, code) pairs, `known_as`, details and own fields as for `create_partner`."""

    name: str
    kind: str
    codes: Sequence[tuple[str, str]]
    known_as: Sequence[str]
    details: Mapping[str, object]
    own: Mapping[str, Raw] = {}


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def create_partners(new: Sequence[NewPartner]) -> list[Partner]:
    """Add many partners by the rules of `create_partner`, with a fixed number of queries; raises and adds none.

    Nobody is asked whether somebody is here already: who brings a list has looked.
    """
    codes_changing.send(sender=ReferralCode)
    partners = []
    for one, pk in zip(new, _ids_of_many(new), strict=True):
        partner = Partner(pk=pk)
        _apply(partner, {"name": one.name, "kind": one.kind, **one.details})
        partners.append(partner)
    made: list[Partner] = Partner.objects.bulk_create(partners)
    add_codes([(partner.pk, *code) for partner, one in zip(made, new, strict=True) for code in one.codes])
    own_values.write("partner", {partner.pk: one.own for partner, one in zip(made, new, strict=True)})
    return made


def _ids_of_many(new: Sequence["NewPartner"]) -> list[UUID]:
    """Return an id for each, as `create_partner` makes it (two queries)."""
    coded = [
        (schemes.plain_key(scheme), normal_of(scheme, code))
        for one in new
        for scheme, code in [*one.codes][:1]
    ]
    by_code = iter(ids_for(Partner, "code", coded) if coded else ())
    others = [one.known_as for one in new if not one.codes and one.known_as]
    by_name = iter(ids_for(Partner, "partner", others) if others else ())
    return [next(by_code) if one.codes else next(by_name) if one.known_as else uuid7() for one in new]


def _ask(partner: Partner, codes: Sequence[tuple[str, str]], another_than: Collection[UUID]) -> None:
    """Raise `LooksLike` where somebody is here who may be the same; of two who add at once, one is asked."""
    lock_tenant("adding", current_tenant().pk)
    new = Known(
        None,
        (partner.name,),
        partner.city,
        re.sub(r"[^0-9]", "", partner.phone),
        partner.email.lower(),
        partner.organisation_id,
        tuple((schemes.plain_key(scheme), re.sub(r"[^0-9]", "", code).lstrip("0")) for scheme, code in codes),
    )
    found = look_alikes([new], least=ASKED, most=5)[0]
    candidates = [(one.names[0], one.city, one.id, alike.reasons) for one, alike in found if one.id]
    if any(candidate[2] not in another_than for candidate in candidates):
        raise LooksLike(candidates)


class LooksLike(Refused):
    """Somebody is here who may be the same. `candidates` are (name, city, id, reasons), the likeliest first."""

    def __init__(self, candidates: Sequence[tuple[str, str, UUID, tuple[str, ...]]]) -> None:
        name, city, _, reasons = candidates[0]
        where = f", {city}" if city else ""
        why = "; ".join(reasons)
        super().__init__(f"{name}{where} is here already and may be the same. {why}.", code="looks_like")
        self.candidates = candidates


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def create_partners_from_codes(names: Mapping[str, str], *, kind: str, scheme: str) -> None:
    """Add one partner for each referral code, with one statement per table, however many they are.

    `names` maps codes in normal form that are nobody's under that scheme to the partner's name; "" takes the
    code for it.
    """
    if not names:
        return
    check_kind(kind)
    values: dict[str, SqlValue] = {
        "partners": [str(each) for each in ids_of_codes(scheme, list(names))],
        "ids": id_stem(),
        "kind": kind,
        "scheme": scheme,
        "codes": list(names),
        "names": [name or code for code, name in names.items()],
    }
    rows = (
        "unnest(%(partners)s::uuid[], %(codes)s::text[], %(names)s::text[])"
        " WITH ORDINALITY AS w (partner, code, name, n)"
    )
    insert_select(Partner, {"id": "w.partner", "name": "w.name", "kind": "%(kind)s"}, rows, values)
    insert_select(
        ReferralCode,
        {
            "id": "(%(ids)s || to_hex(4294967296 + w.n))::uuid",
            "partner_id": "w.partner",
            "scheme": "%(scheme)s",
            "code": "w.code",
            "normal": "w.code",
        },
        rows,
        values,
    )


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def update_partner(
    partner_id: UUID,
    *,
    expected_version: int | None = None,
    own: Mapping[str, Raw] | None = None,
    **changes: object,
) -> Partner:
    """Change fields of a partner, and values of own fields (`own`, by key); those not named stay.

    `expected_version` is the version the caller saw: when somebody else has saved since, the change
    is refused with code "conflict" and nothing is written. None overwrites (a pull has decided the
    conflict field by field already). Nothing to change writes nothing.
    """
    partner = _locked(partner_id)
    if expected_version is not None and partner.version != expected_version:
        raise Refused(
            f"{partner.name} was changed by somebody else while you were editing. "
            "Your input is kept below; compare it with the current values and save again.",
            code="conflict",
        )
    is_changed = _change(partner, changes)
    is_changed |= bool(own_values.write("partner", {partner.pk: own or {}}))
    if is_changed:
        _count_up(partner)
        partner.save()
    return partner


def _change(partner: Partner, changes: Mapping[str, object]) -> bool:
    """Change fields of a locked partner, unsaved; whether anything is another. Raises `Refused`."""
    before = {field: getattr(partner, _column(field)) for field in changes}
    if "rep" in changes and keeps_to_own_panel():
        check_panel(partner, changes["rep"])
    _apply(partner, changes)
    return any(getattr(partner, _column(name)) != was for name, was in before.items())


def _count_up(partner: Partner) -> None:
    partner.version += 1
    partner.updated_at = now()


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def update_partners(changes: Mapping[UUID, Mapping[str, object]]) -> None:
    """Change many partners, each by its own fields and the rules of `update_partner`; raises and changes none.

    A fixed number of queries, and a few for each that changes its organisation: it is saved at once, since the next
    one's way up may lead through it.
    """
    rows = Partner.with_merged.select_for_update(of=("self",), no_key=True).filter(pk__in=changes)
    found = rows.order_by("pk").in_bulk()
    together: list[Partner] = []
    for pk, wanted in changes.items():
        partner = present(found.get(pk))
        if not _change(partner, wanted):
            continue
        _count_up(partner)
        if "organisation" in wanted:
            partner.save()
        else:
            together.append(partner)
    names = {name for wanted in changes.values() for name in wanted} - {"organisation"}
    if together:
        Partner.objects.bulk_update(together, [*sorted(names), "version", "updated_at"])


def _locked(partner_id: UUID) -> Partner:
    return present(
        Partner.with_merged.select_for_update(of=("self",), no_key=True).filter(pk=partner_id).first()
    )


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def remove_partner(partner_id: UUID) -> None:
    """Remove a partner that was added by mistake, with its codes.

    Raises `Refused` (code "in_use") when anything refers to it: orders, visits, members of a practice.
    """
    partner = _locked(partner_id)
    if depending := what_depends([partner_id]).get(partner_id):
        raise Refused(
            f"{partner.name} cannot be removed: {' and '.join(sorted(set(depending)))} refer to it.",
            code="in_use",
        )
    codes_changing.send(sender=ReferralCode)
    partner.delete()


def _column(field: str) -> str:
    return f"{field}_id" if field in {"organisation", "rep"} else field


def _apply(partner: Partner, changes: Mapping[str, object]) -> None:
    unknown = changes.keys() - _EDITABLE
    if unknown:
        raise TypeError(f"A partner has no editable field {min(unknown)!r}.")
    for field, value in changes.items():
        setattr(partner, field, value.strip() if isinstance(value, str) else value)
    if len(partner.notes) > LONGEST_TEXT:
        raise Refused(
            f"At most {figure(LONGEST_TEXT)} characters fit here.", field="notes", code="max_length"
        )
    if "kind" in changes:
        check_kind(partner.kind)
    if "country" in changes:
        partner.country = country_meant(partner.country)
    organisation, rep = changes.get("organisation"), changes.get("rep")
    if isinstance(organisation, Partner):
        check_organisation(partner, organisation)
    if isinstance(rep, Membership) and rep.may(Right.OWN_REFERRALS):
        raise Refused("A partner's own sign-in cannot be the rep.", field="rep", code="role")
    try:
        partner.clean_fields(exclude={"id", "tenant", "organisation", "rep"})
    except ValidationError as invalid:
        field, messages = next(iter(invalid.message_dict.items()))
        raise Refused(messages[0], field=field, code="invalid") from invalid


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def assign_rep(partner_ids: Collection[UUID], *, rep: Membership | None) -> int:
    """Put partners into a rep's panel (None: into nobody's); returns how many changed."""
    if rep is not None and rep.may(Right.OWN_REFERRALS):
        raise Refused("A partner's own sign-in cannot be the rep.", field="rep", code="role")
    moving = Partner.objects.filter(pk__in=partner_ids).exclude(rep=rep)
    if keeps_to_own_panel():
        for partner in moving.exclude(rep=None).select_related("rep__user"):
            check_panel(partner, rep)
    if rep is not None:
        moving = Partner.objects.filter(pk__in=partner_ids).exclude(rep=rep) | Partner.objects.filter(
            pk__in=partner_ids, rep=None
        )
    return moving.update(rep=rep, version=F("version") + 1, updated_at=now())


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def set_kind(partner_ids: Collection[UUID], *, kind: str) -> int:
    """Let partners be of a kind; returns how many changed (1 statement). Raises `Refused` for one that is none."""
    check_kind(kind)
    moving = Partner.objects.filter(pk__in=partner_ids).exclude(kind=kind)
    return moving.update(kind=kind, version=F("version") + 1, updated_at=now())


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def set_active(partner_ids: Collection[UUID], *, is_active: bool) -> int:
    """Take partners into lists and panels, or out of them; returns how many changed (1 statement)."""
    moving = Partner.objects.filter(pk__in=partner_ids).exclude(is_active=is_active)
    return moving.update(is_active=is_active, version=F("version") + 1, updated_at=now())


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def set_own(values: Mapping[UUID, Mapping[str, Raw]]) -> dict[UUID, dict[str, str]]:
    """Set values of own fields of many partners, by id and key; returns what those that changed had before.

    A fixed number of statements for each batch. Raises `Refused` for a field or a value that is none.
    """
    here = set(Partner.objects.filter(pk__in=list(values)).values_list("pk", flat=True))
    before = own_values.write("partner", {pk: said for pk, said in values.items() if pk in here})
    Partner.objects.filter(pk__in=list(before)).update(version=F("version") + 1, updated_at=now())
    return before


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def add_code(partner_id: UUID, *, scheme: str, code: str, as_sent: bool = False) -> ReferralCode:
    """Give a partner another referral code; the same code of the same scheme again changes nothing.

    Orders that wait for the code are tied by the orders app, which hears `code_added`. `as_sent`: a system
    has sent this code under this scheme, whatever a well-formed one looks like.
    """
    scheme, code, normal = _checked_code(scheme, code, as_sent=as_sent)
    codes_changing.send(sender=ReferralCode)
    present(Partner.with_merged.filter(pk=partner_id).first())
    codes = ReferralCode.objects.select_related("partner")
    known = cast(
        "ReferralCode | None", codes.filter(normal=normal, scheme_key=schemes.key_of(scheme)).first()
    )
    if known is not None and known.partner_id == partner_id:
        return known
    if known is not None:
        raise _taken(scheme, code, known.partner.name)
    try:
        with transaction.atomic():
            added: ReferralCode = ReferralCode.objects.create(
                partner_id=partner_id, scheme=scheme, code=code, normal=normal
            )
    except IntegrityError as race:
        raise _taken(scheme, code, "another partner") from race
    code_added.send(sender=ReferralCode, code=added)
    return added


def _checked_code(scheme: str, code: str, *, as_sent: bool = False) -> tuple[str, str, str]:
    """Return scheme and code without blanks around them, and the code in normal form. Raises `Refused`."""
    scheme, code = scheme.strip(), code.strip()
    is_an_npi, normal = scheme.upper() == "NPI" and not as_sent, normal_of("" if as_sent else scheme, code)
    if not normal:
        raise Refused("Enter the code as the system writes it.", field="code", code="required")
    if len(code) > 120:
        raise Refused("A code has at most 120 characters.", field="code", code="max_length")
    if len(scheme) > schemes.LONGEST:
        raise Refused(f"Whose code it is has at most {schemes.LONGEST} characters.", field="scheme")
    if is_an_npi and not is_npi(normal):
        words = f"{code} is not an NPI: ten digits, the last of them a check digit. Look for a typing slip."
        raise Refused(words, field="code", code="npi")
    return scheme, normal if is_an_npi else code, normal


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def add_codes(new: Sequence[tuple[UUID, str, str]]) -> list[ReferralCode]:
    """Give many partners codes, as (partner, scheme, code), by the rules of `add_code`; a fixed number of queries.

    Returns the code that each asked for; those that were there stay. Raises `Refused` and adds none.
    """
    checked = [(pk, *_checked_code(scheme, code)) for pk, scheme, code in new]
    codes_changing.send(sender=ReferralCode)
    here = set(Partner.objects.filter(pk__in={pk for pk, *_ in checked}).values_list("pk", flat=True))
    rows = ReferralCode.objects.select_related("partner").filter(
        normal__in={normal for *_, normal in checked}
    )
    known = {(row.scheme_key, row.normal): row for row in rows}
    added = []
    for pk, scheme, code, normal in checked:
        if pk not in here:
            present(Partner.with_merged.filter(pk=pk).first())
        key = (schemes.plain_key(scheme), normal)
        row = known.get(key)
        if row is None:
            row = known[key] = ReferralCode(partner_id=pk, scheme=scheme, code=code, normal=normal)
            added.append(row)
        elif row.partner_id != pk:
            raise _taken(scheme, code, row.partner.name)
    try:
        with transaction.atomic():
            ReferralCode.objects.bulk_create(added)
    except IntegrityError as race:
        raise Refused(
            "One of the codes is already that of another partner.", field="code", code="taken"
        ) from race
    codes_added.send(sender=ReferralCode, codes=added)
    return [known[schemes.plain_key(scheme), normal] for _, scheme, _, normal in checked]


def _taken(scheme: str, code: str, owner: str) -> Refused:
    return Refused(f"{f'{scheme} {code}'.strip()} is already a code of {owner}.", field="code", code="taken")


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def remove_code(code_id: UUID) -> None:
    """Take a code away. Orders tied by it stay tied; new ones with it will wait unattributed."""
    codes_changing.send(sender=ReferralCode)
    ReferralCode.objects.filter(pk=code_id).delete()


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def add_alias(partner_id: UUID, *, name: str) -> PartnerAlias:
    """Give a partner another name by which it is found: a nickname, a former practice. The same again changes nothing."""
    name = name.strip()
    if not name:
        raise Refused("Enter the other name.", field="name", code="required")
    if len(name) > 200:
        raise Refused("A name has at most 200 characters.", field="name", code="max_length")
    partner = _locked(partner_id)
    known: PartnerAlias | None = partner.aliases.filter(name__iexact=name).first()
    if known is not None:
        return known
    added: PartnerAlias = PartnerAlias.objects.create(partner=partner, name=name)
    _changed(partner)
    return added


@requires(Right.PARTNER_EDIT)
@transaction.atomic
def remove_alias(alias_id: UUID) -> None:
    """Take another name away."""
    alias = PartnerAlias.objects.filter(pk=alias_id).first()
    if alias is not None:
        partner = _locked(alias.partner_id)
        alias.delete()
        _changed(partner)


def _changed(partner: Partner) -> None:
    """Note that something beside a partner's own row changed, so that pages are drawn and likeness is asked anew."""
    _count_up(partner)
    partner.save(update_fields=["version", "updated_at"])
