"""What the audit trail adds to the navigation."""

from prm.accounts.rights import Right
from prm.ui.navigation import NavItem

ITEMS = [
    NavItem(
        key="audit",
        label="Audit trail",
        icon="history",
        url_name="audit:trail",
        right=Right.AUDIT_VIEW,
        section="Organisation",
        order=40,
    ),
]
