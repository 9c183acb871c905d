"""Which kinds of partner the tenant in scope has.

Pages name the kind of every row, so the list is read once for each tenant object, which is one request, task or
command; `forget` drops it when a service has written.
"""

from collections.abc import Sequence

from partners.kinds.models import forget, kind_word, kind_words, kinds
from partners.states import Kind
from prm.tenancy.context import current_tenant, has_tenant

__all__ = [
    "all_choices",
    "forget",
    "is_regulated",
    "kind_choices",
    "kind_word",
    "kind_words",
    "kinds",
    "known_kinds",
    "organisation_keys",
    "organisation_words",
    "partner_words",
    "regulated_keys",
    "usual_kind",
]


def known_kinds() -> Sequence[str]:
    """Return all keys; where no tenant is in scope, those that every new tenant begins with."""
    return [kind.key for kind in kinds()] if has_tenant() else list(Kind.values)


def kind_choices() -> list[tuple[str, str]]:
    """Return key and word of what a new partner may be; without a tenant in scope what a new tenant begins with."""
    if not has_tenant():
        return [(str(value), str(label)) for value, label in Kind.choices]
    return [(kind.key, kind.singular) for kind in kinds() if kind.is_offered]


def all_choices() -> list[tuple[str, str]]:
    """Return key and word of all kinds, to find partners by: those put away as well."""
    return list(kind_words().items()) if has_tenant() else kind_choices()


def usual_kind() -> str:
    """Return the key of what a partner is where nobody says: the first kind on offer."""
    return next((key for key, _ in kind_choices()), Kind.PHYSICIAN.value)


def partner_words() -> list[str]:
    """Return what the tenant in scope calls a partner: its own noun and its kinds, one and many."""
    tenant = current_tenant()
    words = [tenant.partner_noun, tenant.partner_noun_plural]
    return words + [word for kind in kinds() if kind.is_offered for word in (kind.singular, kind.plural)]


def organisation_keys() -> list[str]:
    """Return the keys of the kinds to which others can belong."""
    return [kind.key for kind in kinds() if kind.is_organisation]


def organisation_words() -> dict[str, str]:
    """Return the word for each kind on offer to which others can belong, by key."""
    return {kind.key: kind.singular for kind in kinds() if kind.is_organisation and kind.is_offered}


def regulated_keys() -> list[str]:
    """Return the keys of the kinds that may not be rewarded by volume."""
    return [kind.key for kind in kinds() if kind.is_regulated]


def is_regulated(key: str) -> bool:
    """Return whether a kind may not be rewarded by volume; one that nobody knows counts as regulated."""
    known = {kind.key: kind.is_regulated for kind in kinds()}
    return known.get(key, True)
