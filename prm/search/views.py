"""The page of the search, and its hits as one types."""

from collections.abc import Collection

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.urls import tenant_url
from prm.search.marks import marked
from prm.search.pages import label_of
from prm.search.queries import Answer, Group, search
from prm.search.registry import actions_on
from prm.ui.navigation import items_for

#: Whoever has one of these finds something; a partner of the portal sees own referrals only.
SEARCHERS = (Right.PARTNER_VIEW, Right.ORDER_VIEW, Right.ACTIVITY_VIEW)


@require_GET
@page_requires(*SEARCHERS)
def page(request: TenantRequest) -> HttpResponse:
    """Show what was found; without script the field works by its button."""
    return render(request, "search/page.html", _context(request))


@require_GET
@page_requires(*SEARCHERS)
def hits(request: TenantRequest) -> HttpResponse:
    """Show the hits alone, for the field that asks as one types."""
    return render(request, "search/hits.html", {**_context(request), "listbox": True})


def _context(request: TenantRequest) -> dict[str, object]:
    answer = search(request.GET.get("q", ""), request.rights)
    return {
        "answer": answer,
        "groups": [_shown(answer, group) for group in answer.groups],
        "actions": _actions(answer, request.rights),
        "pages": [] if answer.text else _pages(request),
        "nav_key": "search",
    }


def _shown(answer: Answer, group: Group) -> dict[str, object]:
    rows = [(hit, marked(hit.title, answer.text, answer.words)) for hit in group.found.hits]
    return {"group": group, "rows": rows}


def _actions(answer: Answer, rights: Collection[Right]) -> list[dict[str, object]]:
    """Return what may be done with the best hit, as far as it is one of a kind that offers something."""
    shown: list[dict[str, object]] = []
    for group in answer.groups[:1]:
        for action in actions_on(group.source.key, rights):
            hit = group.found.hits[0]
            shown.append({"action": action, "hit": hit, "url": action.url(hit)})
    return shown


def _pages(request: TenantRequest) -> list[tuple[str, str, str]]:
    return [
        (item.icon, label_of(item), tenant_url(request.tenant, item.url_name))
        for item in items_for(request.rights)
    ]
