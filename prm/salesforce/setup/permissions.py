"""The permission set by which the integration user sees and edits what the mappings need."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet

from prm.salesforce.setup import needs
from prm.salesforce.wire import soql
from prm.salesforce.wire.client import Org, Record

PERMISSION_SET = "PRM_Sync"
LABEL = "PRM sync"
DESCRIPTION = "Lets the integration user see and edit what PRM keeps in step."


class Permissions:
    """Completes the set. `do(what, work)` does one step; `there` are the fields that exist, by owner and name."""

    def __init__(
        self,
        org: Org,
        user_id: str,
        do: Callable[[str, Callable[[], object]], bool],
        there: AbstractSet[str],
        made: list[str],
        *,
        dry_run: bool,
    ) -> None:
        self.org = org
        self.user_id = user_id
        self.do = do
        self.there = there
        self.made = made
        self.dry_run = dry_run

    def grant(self, wanted: dict[str, dict[str, Record]], objects: dict[str, needs.ObjectRights]) -> str:
        """Grant the custom fields and the rights on objects, and assign the set; return a warning, "" for none.

        Raises `SalesforceError`.
        """
        set_id = self._permission_set()
        if set_id is None:
            return ""
        self._permit_objects(set_id, objects)
        self._permit_fields(set_id, wanted)
        return self._assign(set_id)

    def _permission_set(self) -> str | None:
        query = f"SELECT Id FROM PermissionSet WHERE Name = {soql.text(PERMISSION_SET)}"  # nosec B608 # SOQL of our own names, values quoted by soql.text
        rows = list(self.org.query(query))
        if rows:
            return str(rows[0]["Id"])
        self.made.append(f"permission set {PERMISSION_SET}")
        if self.dry_run:
            return None
        return self.org.create(
            "PermissionSet",
            {
                "Name": PERMISSION_SET,
                "Label": LABEL,
                "Description": DESCRIPTION,
            },
        )

    def _permit_objects(self, set_id: str, objects: dict[str, needs.ObjectRights]) -> None:
        query = f"SELECT SobjectType FROM ObjectPermissions WHERE ParentId = {soql.text(set_id)}"  # nosec B608 # SOQL of our own names, values quoted by soql.text
        known = {str(row["SobjectType"]) for row in self.org.query(query)}
        for sobject, rights in objects.items():
            if sobject in known:
                continue
            record = {
                "ParentId": set_id,
                "SobjectType": sobject,
                "PermissionsRead": True,
                "PermissionsCreate": rights.create,
                "PermissionsEdit": rights.edit,
                "PermissionsDelete": rights.delete,
            }
            self.do(
                f"rights on {sobject}",
                lambda record=record: self.org.create("ObjectPermissions", record),  # type: ignore[misc]
            )

    def _permit_fields(self, set_id: str, wanted: dict[str, Record]) -> None:
        query = f"SELECT Field FROM FieldPermissions WHERE ParentId = {soql.text(set_id)}"  # nosec B608 # SOQL of our own names, values quoted by soql.text
        known = {str(row["Field"]) for row in self.org.query(query)}
        for sobject, fields in wanted.items():
            for name in fields:
                owner = needs.owner_of(sobject)
                if f"{sobject}.{name}" in known or f"{owner}.{name}" not in self.there:
                    continue
                record = {
                    "ParentId": set_id,
                    "SobjectType": sobject,
                    "Field": f"{sobject}.{name}",
                    "PermissionsRead": True,
                    "PermissionsEdit": True,
                }
                self.do(
                    f"right on {sobject}.{name}",
                    lambda record=record: self.org.create("FieldPermissions", record),  # type: ignore[misc]
                )

    def _assign(self, set_id: str) -> str:
        if not self.user_id:
            return f"Assign the permission set {PERMISSION_SET} to the integration user by hand."
        query = (
            "SELECT Id FROM PermissionSetAssignment WHERE "
            f"PermissionSetId = {soql.text(set_id)} AND AssigneeId = {soql.text(self.user_id)}"  # nosec B608 # SOQL of our own names, values quoted by soql.text
        )
        if list(self.org.query(query)):
            return ""
        record = {"PermissionSetId": set_id, "AssigneeId": self.user_id}
        self.do(
            f"assignment of {PERMISSION_SET}",
            lambda: self.org.create("PermissionSetAssignment", record),
        )
        return ""
