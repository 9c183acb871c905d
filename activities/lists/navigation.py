"""What lists add to the navigation."""

from prm.accounts.rights import Right
from prm.ui.navigation import NavItem

ITEMS = [
    NavItem(
        key="lists",
        label="Lists from files",
        icon="table-import",
        url_name="bringing:list",
        right=Right.IMPORT_RUN,
        section="Revenue data",
        order=12,
    ),
]
