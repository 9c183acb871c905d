"""Writes of the kinds of partner."""

from collections.abc import Collection, Sequence

from django.db import transaction

from partners.kinds.models import PartnerKind
from partners.kinds.queries import forget, kinds, known_kinds
from partners.kinds.rules import LONGEST_KEY, MOST, is_key, key_for
from partners.states import Kind
from prm.accounts.rights import Right
from prm.core.errors import Refused
from prm.core.locks import lock_tenant
from prm.tenancy.context import current_tenant
from prm.tenancy.use_cases import needs_no_right, requires


@requires()
def begin_kinds() -> None:
    """Give a tenant that is just being made the usual kinds; those it has stay as they are."""
    here = {kind.key for kind in PartnerKind.objects.all()}
    PartnerKind.objects.bulk_create(
        PartnerKind(
            key=kind.value,
            singular=kind.label,
            plural=kind.plural,
            is_regulated=kind in Kind.regulated(),
            is_organisation=kind in Kind.organisations(),
            place=place,
        )
        for place, kind in enumerate(Kind, 1)
        if kind.value not in here
    )
    forget()


@needs_no_right("reads, for the services that write a kind")
def check_kind(key: object) -> None:
    """Raise `Refused` for a kind that the tenant has not."""
    if key not in known_kinds():
        words = ", ".join(known_kinds())
        raise Refused(f"{key!r} is no kind here; there are: {words}.", field="kind", code="invalid")


@requires(Right.SETTINGS_EDIT)
@transaction.atomic
def add_kind(
    *,
    singular: str,
    plural: str = "",
    key: str = "",
    is_regulated: bool = False,
    is_organisation: bool = False,
) -> PartnerKind:
    """Add a kind at the end of the list; without a `key` it is made of the word.

    Raises `Refused` for a word or key that is taken, or a key that is none.
    """
    lock_tenant("kinds", current_tenant().pk)
    forget()
    here = kinds()
    if len(here) >= MOST:
        raise Refused(f"There can be {MOST} kinds. Put one to another use by renaming it.", field="singular")
    singular, plural = _words(singular, plural)
    _check_word(singular, here)
    made = key or key_for(singular)
    if not is_key(made):
        raise Refused(
            f"A key has small letters, digits and underscores, at most {LONGEST_KEY}: ambulance_service.",
            field="key",
        )
    if made in {kind.key for kind in here}:
        raise Refused(f"The key {made} is taken.", field="key" if key else "singular", code="taken")
    kind: PartnerKind = PartnerKind.objects.create(
        key=made,
        singular=singular,
        plural=plural,
        is_regulated=is_regulated,
        is_organisation=is_organisation,
        place=max((kind.place for kind in here), default=0) + 1,
    )
    forget()
    return kind


@requires(Right.SETTINGS_EDIT)
@transaction.atomic
def change_kind(
    key: str,
    *,
    singular: str | None = None,
    plural: str | None = None,
    is_regulated: bool | None = None,
    is_organisation: bool | None = None,
    is_offered: bool | None = None,
) -> PartnerKind:
    """Change what is named of a kind, from now on everywhere; its key stays, and so do the partners of it.

    Raises `Refused` for a kind that is not here, a word that is taken, or when none would be left on offer.
    """
    lock_tenant("kinds", current_tenant().pk)
    forget()
    here = kinds()
    kind = next((kind for kind in here if kind.key == key), None)
    if kind is None:
        raise Refused(f"{key!r} is no kind here.", field="key", code="not_found")
    others = [other for other in here if other.key != key]
    if singular is not None or plural is not None:
        kind.singular, kind.plural = _words(
            kind.singular if singular is None else singular, kind.plural if plural is None else plural
        )
        _check_word(kind.singular, others)
    if is_offered is False and not any(other.is_offered for other in others):
        raise Refused("One kind has to be left: add another one first.", code="last")
    told = {"is_regulated": is_regulated, "is_organisation": is_organisation, "is_offered": is_offered}
    for name, value in told.items():
        if value is not None:
            setattr(kind, name, value)
    kind.save()
    forget()
    return kind


@requires(Right.SETTINGS_EDIT)
@transaction.atomic
def order_kinds(keys: Sequence[str]) -> None:
    """Put the kinds into an order: those named first, the others after them as they were."""
    lock_tenant("kinds", current_tenant().pk)
    forget()
    _check_known(keys)
    ranks = {key: rank for rank, key in enumerate(keys)}
    ordered = sorted(kinds(), key=lambda kind: (ranks.get(kind.key, len(ranks)), kind.place, kind.key))
    for place, kind in enumerate(ordered, 1):
        if kind.place != place:
            kind.place = place
            kind.save(update_fields=["place"])
    forget()


@requires(Right.SETTINGS_EDIT)
@transaction.atomic
def move_kind(key: str, *, up: bool) -> None:
    """Move a kind one place up or down; at the end of the list nothing happens."""
    lock_tenant("kinds", current_tenant().pk)
    forget()
    keys = [kind.key for kind in kinds()]
    _check_known([key])
    at = keys.index(key)
    to = at - 1 if up else at + 1
    if 0 <= to < len(keys):
        keys[at], keys[to] = keys[to], keys[at]
        order_kinds(keys)


@requires(Right.SETTINGS_EDIT, Right.POLICY_EDIT)
@transaction.atomic
def set_regulated(keys: Collection[str]) -> None:
    """Say which kinds may not be rewarded by volume: these and no others. Raises `Refused` for an unknown one."""
    _check_known(keys)
    PartnerKind.objects.filter(key__in=keys, is_regulated=False).update(is_regulated=True)
    PartnerKind.objects.exclude(key__in=keys).filter(is_regulated=True).update(is_regulated=False)
    forget()


def _check_known(keys: Collection[str]) -> None:
    if unknown := sorted(set(keys) - set(known_kinds())):
        raise Refused(
            f"{unknown[0]!r} is no kind here; there are: {', '.join(known_kinds())}.", field="regulated_kinds"
        )


def _words(singular: str, plural: str) -> tuple[str, str]:
    one, many = " ".join(singular.split()), " ".join(plural.split())
    many = many or (f"{one}s" if one else "")
    for word, field in ((one, "singular"), (many, "plural")):
        if not word:
            raise Refused("Give the kind a word.", field=field, code="required")
        if len(word) > 40:
            raise Refused("At most 40 characters fit here.", field=field, code="max_length")
    return one, many


def _check_word(word: str, others: Sequence[PartnerKind]) -> None:
    if word.casefold() in {other.singular.casefold() for other in others}:
        raise Refused(f"There is a kind called {word} already.", field="singular", code="taken")
