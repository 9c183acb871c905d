"""What the core adds to the navigation."""

from prm.ui.navigation import NavItem

_ADMINISTRATOR = frozenset({"administrator"})

ITEMS = [
    NavItem(
        key="members",
        label="Members",
        icon="user-cog",
        url_name="accounts:members",
        roles=_ADMINISTRATOR,
        section="Organisation",
        order=10,
    ),
    NavItem(
        key="keys",
        label="API keys",
        icon="key",
        url_name="accounts:keys",
        roles=_ADMINISTRATOR,
        section="Organisation",
        order=20,
    ),
]
