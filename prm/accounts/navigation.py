"""What this app adds to the navigation."""

from prm.accounts.rights import Right
from prm.ui.navigation import NavItem

ITEMS = [
    NavItem(
        key="members",
        label="Members",
        icon="user-cog",
        url_name="accounts:members",
        right=Right.MEMBER_EDIT,
        section="Organisation",
        order=10,
    ),
    NavItem(
        key="keys",
        label="API keys",
        icon="key",
        url_name="accounts:keys",
        right=Right.KEY_EDIT,
        section="Organisation",
        order=20,
    ),
]
