"""What the company adds to the navigation."""

from uuid import UUID

from prm.accounts.rights import Right
from prm.company.setup.queries import begins_here, is_shown, open_steps
from prm.ui.navigation import NavItem


def _open(member_id: UUID) -> int | None:
    """Count the steps that are not done; None for none."""
    del member_id
    return open_steps() or None


ITEMS = [
    NavItem(
        key="setup",
        label="Set-up",
        icon="list-check",
        url_name="company:setup",
        right=Right.SETTINGS_EDIT,
        order=1,
        counter=_open,
        shown=is_shown,
        begins=begins_here,
    ),
    NavItem(
        key="settings",
        label="Settings",
        icon="settings",
        url_name="company:settings",
        right=Right.SETTINGS_EDIT,
        section="Organisation",
        order=900,
    ),
]
