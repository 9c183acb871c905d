"""What campaigns add to the navigation."""

from prm.accounts.rights import Right
from prm.ui.navigation import NavItem

ITEMS = [
    NavItem(
        key="campaigns",
        label="Campaigns",
        icon="speakerphone",
        url_name="campaigns:campaigns",
        right=Right.ACTIVITY_VIEW,
        section="Decide",
        order=60,
        go="M",
    ),
]
