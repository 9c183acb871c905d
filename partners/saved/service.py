"""Writes of saved views. Whoever sees the list saves views; sharing them is for who leads."""

from uuid import UUID

from django.db import transaction

from partners.saved.models import SavedView
from partners.saved.rules import LONGEST_QUERY, MOST_VIEWS, canonical
from prm.accounts.models import Membership
from prm.accounts.rights import Right
from prm.core.errors import Refused
from prm.tenancy.context import current_actor
from prm.tenancy.use_cases import requires


@requires(Right.PARTNER_VIEW)
@transaction.atomic
def save_view(*, name: str, query: str, is_shared: bool = False, by: Membership | None) -> SavedView:
    """Save a view under a name that its owner has not used. Raises `Refused`."""
    if by is None:
        raise Refused("A view belongs to a person: sign in as a member.", code="member_only")
    if SavedView.objects.filter(owner=by).count() >= MOST_VIEWS:
        raise Refused(f"You have {MOST_VIEWS} views. Remove one first.", field="name", code="too_many")
    _check_sharing(is_shared)
    made: SavedView = SavedView.objects.create(
        name=_name(name, owner=by.pk), query=_query(query), owner=by, is_shared=is_shared
    )
    return made


@requires(Right.PARTNER_VIEW)
@transaction.atomic
def change_view(
    view_id: UUID, *, name: str | None = None, query: str | None = None, is_shared: bool | None = None
) -> SavedView:
    """Change what a view is called, shows, or who sees it; what is not said stays. Raises `Refused`."""
    view = _own(view_id)
    if is_shared is not None and is_shared != view.is_shared:
        _check_sharing(True)
        view.is_shared = is_shared
    if name is not None and name.strip() != view.name:
        view.name = _name(name, owner=view.owner_id)
    if query is not None:
        view.query = _query(query)
    view.save()
    return view


@requires(Right.PARTNER_VIEW)
@transaction.atomic
def remove_view(view_id: UUID) -> None:
    """Remove a view; for a shared one nobody has it any more."""
    _own(view_id).delete()


def _own(view_id: UUID) -> SavedView:
    """Return a view that who acts may change: an own one, or as who leads a shared one. Raises `Refused`."""
    actor = current_actor()
    view = (
        SavedView.objects.select_for_update(of=("self",)).seen_by(actor.member_id).filter(pk=view_id).first()
    )
    if view is None:
        raise Refused("There is no such view.", code="not_found")
    if view.owner_id != actor.member_id and not actor.may(Right.ACTIVITY_MANAGE):
        raise Refused("Whoever shared this view changes it, or a manager.", code="not_allowed")
    return view


def _check_sharing(is_shared: bool) -> None:
    if is_shared and not current_actor().may(Right.ACTIVITY_MANAGE):
        raise Refused("A manager shares views with everybody.", field="is_shared", code="not_allowed")


def _name(name: str, *, owner: UUID) -> str:
    name = " ".join(name.split())
    if not name:
        raise Refused("Give the view a name.", field="name", code="required")
    if len(name) > 60:
        raise Refused("A name has at most 60 characters.", field="name", code="max_length")
    if SavedView.objects.filter(owner=owner, name__iexact=name).exists():
        raise Refused(f"You have a view called {name} already.", field="name", code="taken")
    return name


def _query(query: str) -> str:
    kept = canonical(query)
    if len(kept) > LONGEST_QUERY:
        raise Refused("So many filters do not fit in a view.", field="query", code="max_length")
    return kept
