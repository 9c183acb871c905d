"""Pages of the menu: found by the words of their labels, by whoever may open them."""

from prm.core.urls import tenant_url
from prm.search.registry import Asked, Found, Hit, SearchSource
from prm.tenancy.context import current_tenant
from prm.ui.navigation import NavItem, items_for


def label_of(item: NavItem) -> str:
    """Return the words of an entry of the menu."""
    return item.label if isinstance(item.label, str) else item.label()


def find(asked: Asked) -> Found:
    """Find entries each of whose words asked for begins a word of the label; no query."""
    found = []
    for item in items_for(asked.rights):
        own = label_of(item).lower().split()
        if asked.words and all(any(word.startswith(part) for word in own) for part in asked.words):
            found.append(
                Hit(label_of(item), tenant_url(current_tenant(), item.url_name), detail=item.section)
            )
    return Found(found[: asked.most], len(found))


SEARCHES = [SearchSource(key="pages", label="Pages", icon="layout-list", find=find, order=90)]
