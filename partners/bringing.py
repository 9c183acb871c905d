"""What lists this app takes from files (`prm.bringing`): partners, organisations, codes, panels."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from partners.directory import service
from partners.directory.codes import is_npi, normal_of, normalise
from partners.directory.models import Partner, ReferralCode
from partners.directory.queries import depending_words, merged_since
from partners.directory.schemes import plain_key
from partners.evidence.columns import (
    PARTNER_CLUES,
    PARTNER_COLUMNS,
    PARTNER_WORDS,
    candidates_of,
    clues_of,
    find_owners,
    problem_of,
)
from partners.evidence.details import CODES, DETAILS
from partners.evidence.keys import digits_key
from partners.evidence.queries import recognise
from partners.evidence.rules import NPI, TAX, Clues
from partners.kinds.queries import kind_words, organisation_keys, organisation_words, partner_words
from partners.tags import service as tags
from partners.tags.rules import key_of, words_of
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.bringing import NEW, Change, Column, Match, Row, Type, Values
from prm.bringing import Kind as ListKind
from prm.core.errors import Refused
from prm.core.words.spelling import is_plainer
from prm.ownfields import columns as own
from prm.tenancy.context import current_tenant

M = TypeVar("M", bound=Model)

#: How codes of these columns are labelled in the directory.
_SCHEMES: Final = {"npi": "NPI", "tax_id": "Tax id"}
_PLAIN: Final = (
    "name",
    "kind",
    "specialty",
    "city",
    "region",
    "country",
    "email",
    "phone",
    "website",
    "notes",
)
_ROWS: Final = ("organisation", "rep")
#: What tells one partner of a list from another who has no code either.
_KNOWN_AS: Final = ("name", "city", "email", "phone")


def nouns() -> tuple[str, str]:
    """Return what the tenant calls one partner and many."""
    tenant = current_tenant()
    return tenant.partner_noun, tenant.partner_noun_plural


def _everybody() -> Q | None:
    return None


def _organisations() -> Q | None:
    return Q(kind__in=organisation_keys())


def _columns(kinds: Callable[[], Mapping[str, str]]) -> tuple[Column, ...]:
    return (
        Column(key="id", label="Id", type=Type.ID, headings=("prmid", "partnerid"), is_clue=True),
        Column(
            key="name",
            label="Name",
            headings=(*PARTNER_WORDS, "fullname", "company", "companyname", "firma", "firmenname", "bezeichnung", "nom", "nombre", "nome", "organisation name", "practicename"),
            called=partner_words,
            needed=True,
        ),
        Column(
            key="kind", label="Kind", type=Type.CHOICE, headings=("type", "partnerkind", "art", "partnerart", "typ"), choices=kinds, needed=True
        ),
        *CODES,
        *DETAILS,
    )  # fmt: skip


# --- who is who --------------------------------------------------------------------------------------


def _finder(among: Callable[[], Q | None]) -> Callable[[Sequence[Row]], Sequence[Match]]:
    def find(rows: Sequence[Row]) -> Sequence[Match]:
        """Return whom rows mean, with the present values of those who are here."""
        clues = clues_of(rows, "")
        who = among()
        verdicts = recognise(clues, among=who)
        targets = [
            row.decided or (verdict.partner.id if verdict.partner else "")
            for row, verdict in zip(rows, verdicts, strict=True)
        ]
        here = _by_id({UUID(one) for one in targets if one and one != NEW}, who)
        return [
            _match(row, asked, target, here, verdict.by, verdict.reason, candidates_of(verdict))
            for row, asked, target, verdict in zip(rows, clues, targets, verdicts, strict=True)
        ]  # fmt: skip

    return find


def _match(
    row: Row,
    asked: Clues,
    target: str,
    here: Mapping[str, Partner],
    by: str,
    reason: str,
    candidates: tuple[object, ...],
) -> Match:
    keys = _keys(row, asked)
    field, problem = problem_of(row, "")
    if problem:
        return Match(problem=problem, field=field)
    if asked.id and asked.id != target and not row.decided:
        return Match(
            problem=f"{asked.id} is the id of nobody here. Leave it out for somebody new.", field="id"
        )
    if target in here:
        partner = here[target]
        if row.decided:
            by, reason = "decision", "Decided by hand."
        return Match(
            target=target, name=partner.name, by=by, reason=reason, keys=keys,
            current=_current(partner, row.values), names=_names(partner),
        )  # fmt: skip
    if candidates and row.decided != NEW:
        return Match(candidates=candidates, reason=reason, keys=keys)  # type: ignore[arg-type]
    return Match(keys=keys)


def _keys(row: Row, asked: Clues) -> tuple[str, ...]:
    """Return what another row of the same file would share that means the same partner."""
    name = " ".join(sorted(asked.words))
    scheme, code = asked.code
    return tuple(
        f"{what}:{value}"
        for what, value in (
            ("npi", asked.npi),
            ("tax", asked.tax_id),
            ("code", code and f"{scheme}:{code}"),
            ("mail", asked.email and name and f"{asked.email}:{name}"),
            (
                "place",
                asked.city and name and not (asked.npi or asked.tax_id or code) and f"{name}:{asked.city}",
            ),
        )
        if value
    )


def _by_id(ids: Collection[UUID], among: Q | None = None) -> dict[str, Partner]:
    rows = Partner.objects.filter(among or Q(), pk__in=ids).select_related("organisation", "rep__user")
    return {
        str(partner.pk): partner for partner in rows.prefetch_related("codes", "own_values", "tagged__tag")
    }


def _plain(partner: Partner) -> dict[str, str]:
    values = {key: str(getattr(partner, key)) for key in _PLAIN}
    values |= {key: str(getattr(partner, f"{key}_id") or "") for key in _ROWS}
    return values | {"is_active": "yes" if partner.is_active else "no"} | own.present_in("partner", partner)


def _current(partner: Partner, said: Values) -> dict[str, str]:
    """Return the values of a partner; of codes those that a row names, where the partner has them."""
    have = {(code.scheme_key, code.normal) for code in partner.codes.all()}
    scheme, values = plain_key(said.get("scheme", "")), _plain(partner)
    # `Mueller` from a program without umlauts does not take them off `Müller`.
    values |= {key: said[key] for key in ("name", "city") if is_plainer(said.get(key, ""), values[key])}
    for key, kind in (("npi", NPI), ("tax_id", TAX)):
        code = said.get(key, "")
        theirs = {digits_key(normal) for scheme, normal in have if scheme == kind}
        values[key] = code if code and digits_key(normalise(code)) in theirs else ""
    code = said.get("code", "")
    is_there = (scheme, normalise(code)) in have if scheme else normalise(code) in {one for _, one in have}
    return values | {"code": code if is_there else "", "tags": _tags_there(partner, said.get("tags", ""))}


def _tags_there(partner: Partner, said: str) -> str:
    """Return the tags that a row says, where the partner has all of them."""
    have = {row.tag.key for row in partner.tagged.all()}
    return said if {key_of(word) for word in said.split(",")} <= have else ""


def _names(partner: Partner) -> dict[str, str]:
    named = {str(one.pk): str(one) for one in (partner.organisation,) if one}
    if partner.country:
        named[partner.country] = partner.get_country_display()
    return named | ({str(partner.rep.pk): str(partner.rep.user)} if partner.rep else {})


# --- writes ------------------------------------------------------------------------------------------


def _row_of(rows: QuerySet[M], pk: str) -> M | None:
    return rows.filter(pk=pk).first() if pk else None


def _details(values: Values) -> dict[str, Any]:
    """Return values as fields of the directory's service."""
    details: dict[str, Any] = {key: values[key] for key in _PLAIN if key in values}
    if "organisation" in values:
        details["organisation"] = _row_of(Partner.objects.all(), values["organisation"])
    if "rep" in values:
        details["rep"] = _row_of(Membership.objects.select_related("user"), values["rep"])
    if "is_active" in values:
        details["is_active"] = values["is_active"] != "no"
    return details


def _codes(changed: Values, said: Values) -> list[tuple[str, str]]:
    codes = [(scheme, changed[key]) for key, scheme in _SCHEMES.items() if changed.get(key)]
    return [*codes, (said.get("scheme", ""), changed["code"])] if changed.get("code") else codes


def _create(values: Values, about: str) -> UUID:
    del about
    details = {"name": "", "kind": ""} | _details(values)
    made = service.create_partner(
        codes=_codes(values, values), known_as=_known_as(values), own=own.own_of(values), **details
    )
    tags.tag_each({made.pk: words_of(values.get("tags", ""))})
    return made.pk


def _known_as(values: Values) -> list[str]:
    return [values.get(key, "").casefold() for key in _KNOWN_AS]


def _create_many(rows: Sequence[tuple[Values, str]]) -> list[UUID]:
    """Make many partners; organisations and reps that they name are read once."""
    named = {values[key] for values, _ in rows for key in _ROWS if values.get(key)}
    organisations = {str(pk): one for pk, one in Partner.objects.in_bulk(list(named)).items()}
    reps = {str(one.pk): one for one in Membership.objects.select_related("user").filter(pk__in=named)}
    new = []
    for values, _ in rows:
        details = _details({key: value for key, value in values.items() if key not in _ROWS})
        for key, known in (("organisation", organisations), ("rep", reps)):
            if key in values:
                details[key] = known.get(values[key])
        name, kind = details.pop("name", ""), details.pop("kind", "")
        new.append(
            service.NewPartner(
                name, kind, _codes(values, values), _known_as(values), details, own.own_of(values)
            )
        )
    made = [partner.pk for partner in service.create_partners(new)]
    tags.tag_each({pk: words_of(values.get("tags", "")) for pk, (values, _) in zip(made, rows, strict=True)})
    return made


def _update(partner_id: UUID, changed: Values, said: Values) -> None:
    details, others = _details(changed), own.own_of(changed)
    if details or others:
        service.update_partner(partner_id, own=others, **details)
    for scheme, code in _codes(changed, said):
        service.add_code(partner_id, scheme=scheme, code=code)
    if "tags" in changed:
        tags.tag_each({partner_id: words_of(changed["tags"])})


def _restore(partner_id: UUID, changes: Mapping[str, Change], said: Values) -> None:
    before = {key: old for key, (old, _) in changes.items()}
    details, others = _details(before), own.own_of(before)
    if details or others:
        service.update_partner(partner_id, own=others, **details)
    if names := words_of(changes["tags"][1] if "tags" in changes else ""):
        tags.change_tags([partner_id], remove=names)
    for scheme, code in _codes({key: new for key, (_, new) in changes.items()}, said):
        for kept in ReferralCode.objects.filter(partner_id=partner_id, normal=normalise(code)):
            if kept.scheme_key == plain_key(scheme):
                service.remove_code(kept.pk)


def _present(ids: Collection[UUID]) -> Mapping[UUID, Values]:
    partners = Partner.objects.filter(pk__in=ids).prefetch_related("codes", "own_values", "tagged__tag")
    return {partner.pk: _plain(partner) | {"codes": _written(partner)} for partner in partners}


def _written(partner: Partner) -> str:
    return " ".join(code.normal for code in partner.codes.all())


def _kind_of_list(
    key: str,
    names: Callable[[], tuple[str, str]],
    summary: str,
    kinds: Callable[[], Mapping[str, str]],
    among: Callable[[], Q | None],
    picker: str,
    order: int,
) -> ListKind:
    return ListKind(
        key=key,
        nouns=names,
        summary=summary,
        rights=(Right.IMPORT_RUN, Right.PARTNER_EDIT),
        columns=_columns(kinds),
        more=lambda: own.columns_of("partner"),
        clues=("id", "npi", "tax_id", "code", "email", "phone", "name"),
        picker=picker,
        order=order,
        find=_finder(among),
        create=_create,
        create_many=_create_many,
        update=_update,
        restore=_restore,
        remove=service.remove_partner,
        present=_present,
        depends=depending_words,
        gone=merged_since,
    )


# --- codes and panels: what belongs to a partner that is here -----------------------------------------


def _find_codes(rows: Sequence[Row]) -> Sequence[Match]:
    return find_owners(rows, _codes_at)


def _codes_at(rows: Sequence[tuple[Row, str, str]]) -> list[Match]:
    """Return which codes rows mean: the partner's own, another's, or new ones (one query)."""
    wanted = {normal_of(row.values.get("scheme", ""), row.values.get("code", "")) for row, _, _ in rows}
    known = {
        (code.scheme_key, code.normal): code
        for code in ReferralCode.objects.filter(normal__in=wanted).select_related("partner")
    }
    return [_code_match(row, about, reason, known) for row, about, reason in rows]


def _code_match(row: Row, about: str, reason: str, known: Mapping[tuple[str, str], ReferralCode]) -> Match:
    scheme, code = row.values.get("scheme", ""), row.values.get("code", "")
    normal = normal_of(scheme, code)
    if scheme.strip().upper() == "NPI" and not is_npi(normal):
        return Match(problem=f"{code} is no NPI: ten digits, the last of them a check digit.", field="code")
    key = (plain_key(scheme), normal)
    found = known.get(key)
    keys = (":".join(key),) if normal else ()
    if found is None:
        return Match(about=about, reason=reason, keys=keys, name=f"{scheme} {code}".strip())
    if str(found.partner_id) != about:
        return Match(
            problem=f"{f'{scheme} {code}'.strip()} is already a code of {found.partner.name}.", field="code"
        )
    return Match(
        target=str(found.pk), name=str(found), by="code", about=about, reason=reason, keys=keys,
        current={"code": code, "scheme": scheme},
    )  # fmt: skip


def _create_code(values: Values, about: str) -> UUID:
    return service.add_code(UUID(about), scheme=values.get("scheme", ""), code=values["code"]).pk


def _create_codes(rows: Sequence[tuple[Values, str]]) -> list[UUID]:
    new = [(UUID(about), values.get("scheme", ""), values["code"]) for values, about in rows]
    made = service.add_codes(new)
    if len({code.pk for code in made}) < len(made):
        # The same code twice: one row makes it, and the other is looked at by itself.
        raise Refused("A code is given twice.", field="code")
    return [code.pk for code in made]


def _nothing_to_change(code_id: UUID, changed: Mapping[str, object], said: Values) -> None:
    """Do nothing: a code is there or it is not."""


def _present_codes(ids: Collection[UUID]) -> Mapping[UUID, Values]:
    return {
        code.pk: {"code": code.code, "scheme": code.scheme}
        for code in ReferralCode.objects.filter(pk__in=ids)
    }


def _find_panels(rows: Sequence[Row]) -> Sequence[Match]:
    return find_owners(rows, _panels_of)


def _panels_of(rows: Sequence[tuple[Row, str, str]]) -> list[Match]:
    here = _by_id({UUID(about) for _, about, _ in rows})
    return [
        Match(
            target=about, name=here[about].name, by="partner", reason=reason, about=about, keys=(about,),
            current={"rep": str(here[about].rep_id or "")}, names=_names(here[about]),
        )
        for _, about, reason in rows
    ]  # fmt: skip


def _no_new_partner(values: Values, about: str) -> UUID:
    raise Refused("A list of panels makes no partners.")


def _not_removed(partner_id: UUID) -> None:
    raise Refused("A list of panels removes no partners.")


def _assign(partner_id: UUID, changed: Values, said: Values) -> None:
    service.update_partner(partner_id, **_details(changed))


_HOLDERS: Final = tuple(column for column in PARTNER_COLUMNS if column.key != "partner_code")

KINDS = [
    _kind_of_list(
        "partners",
        nouns,
        "Who they are, with their codes, NPI, tax id, addresses, organisation and rep.",
        kind_words,
        _everybody,
        "partners",
        10,
    ),
    _kind_of_list(
        "organisations",
        lambda: ("organisation", "organisations"),
        "Practices, hospitals and agencies to which others belong. Bring them before their members.",
        organisation_words,
        _organisations,
        "organisations",
        15,
    ),
    ListKind(
        key="codes",
        nouns=lambda: ("referral code", "referral codes"),
        summary="How systems name somebody who is here; what waits for a code is tied.",
        rights=(Right.IMPORT_RUN, Right.PARTNER_EDIT),
        columns=(
            Column(
                key="code", label="Referral code", type=Type.CODE, headings=("code", "codes", "number", "nummer", "kennung"), longest=120,
                needed=True,
            ),
            Column(key="scheme", label="Whose code", headings=("codescheme", "scheme", "system"), longest=60),
            *_HOLDERS,
        ),
        clues=tuple(key for key in PARTNER_CLUES if key != "partner_code"),
        picker="partners",
        is_about=True,
        order=30,
        find=_find_codes,
        create=_create_code,
        create_many=_create_codes,
        update=_nothing_to_change,
        restore=_nothing_to_change,
        remove=service.remove_code,
        present=_present_codes,
    ),
    ListKind(
        key="panels",
        nouns=lambda: ("panel assignment", "panel assignments"),
        summary="Whose panel somebody is in.",
        rights=(Right.IMPORT_RUN, Right.PARTNER_EDIT, Right.ACTIVITY_MANAGE),
        columns=(next(column for column in DETAILS if column.key == "rep"), *PARTNER_COLUMNS),
        clues=PARTNER_CLUES,
        picker="partners",
        is_about=True,
        may_be_new=False,
        order=40,
        find=_find_panels,
        create=_no_new_partner,
        update=_assign,
        restore=_restore,
        remove=_not_removed,
        present=_present,
        gone=merged_since,
    ),
]  # fmt: skip
