"""Makes in an organisation what the mappings need: custom object, custom fields, permission set.

Repeatable: it looks first, makes what is missing, and then looks whether the running user sees it.
A new custom field is visible to nobody, hence the permission set. Fields of visits live on Activity
and appear on both Event and Task.

Custom fields are made through the Tooling API. Custom objects too where the organisation takes
them there (the sandbox org does); a real one answers that CustomObject cannot be inserted, and then
the Metadata API makes it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from prm.mapping import Field, Kind, Mapping, Parent
from prm.salesforce.wire import errors, soql
from prm.salesforce.wire.client import Org, Record

PERMISSION_SET = "PRM_Sync"
VISIBLE_TRIES = 6
"""Salesforce's description of an object can lag behind a new field by some seconds."""

_ACTIVITY = frozenset({"Event", "Task"})
_EXISTS = frozenset({"DUPLICATE_DEVELOPER_NAME", "DUPLICATE_VALUE"})


@dataclass(slots=True)
class SetUp:
    """What was (or, dry, would be) made; `missing` names what is still not visible."""

    made: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    dry_run: bool = False

    @property
    def complete(self) -> bool:
        """Whether records can be sent."""
        return not self.missing


def set_up(
    org: Org,
    mappings: Iterable[Mapping],
    *,
    user_id: str,
    dry_run: bool = False,
    pause: Callable[[float], None] = time.sleep,
    report: Callable[[str], None] = lambda _step: None,
) -> SetUp:
    """Make what is missing, or with `dry_run` only say it. Raises `errors.SalesforceError`.

    `report` is told before each step what it is, and may raise to end the set-up there.
    """
    return _SetUp(org, list(mappings), user_id, dry_run, pause, report).run()


class _SetUp:
    """One execution."""

    def __init__(
        self,
        org: Org,
        mappings: list[Mapping],
        user_id: str,
        dry_run: bool,
        pause: Callable[[float], None],
        report: Callable[[str], None],
    ) -> None:
        self.org = org
        self.report = report
        self.mappings = mappings
        self.objects = {one.key: one.sobject for one in mappings}
        self.user_id = user_id
        self.pause = pause
        self.result = SetUp(dry_run=dry_run)

    def run(self) -> SetUp:
        wanted = self._wanted()
        visible = {sobject: self._visible(sobject) for sobject in wanted}
        for one in self.mappings:
            if one.custom_object is not None and visible[one.sobject] is None:
                self._make_object(one)
        self._make_fields(wanted, visible)
        self._permit(wanted)
        if not self.result.dry_run:
            self._look_again(wanted)
        return self.result

    def _wanted(self) -> dict[str, dict[str, Record]]:
        """Return the metadata of every custom field, by object and name."""
        wanted: dict[str, dict[str, Record]] = {}
        for one in self.mappings:
            fields = wanted.setdefault(one.sobject, {})
            fields[one.external_id] = external_id_metadata()
            for each in one.fields:
                if each.custom:
                    fields[each.there] = field_metadata(each)
            for parent in one.parents:
                if parent.there.endswith("__c"):
                    fields[parent.there] = lookup_metadata(parent, self.objects[parent.mapping], one.plural)
        return wanted

    def _visible(self, sobject: str) -> set[str] | None:
        """Return the fields the running user sees; `None` when there is no such object for him."""
        self.report(f"Looking at {sobject}")
        try:
            described = self.org.describe(sobject)
        except (errors.Gone, errors.Permanent):
            return None
        return {str(each["name"]) for each in described["fields"]}

    # --- making -------------------------------------------------------------------------------

    def _do(self, what: str, work: Callable[[], object]) -> None:
        if self.result.dry_run:
            self.result.made.append(what)
            return
        self.report(f"Making {what}")
        try:
            work()
        except errors.Permanent as error:
            if error.code in _EXISTS:
                return
            raise
        self.result.made.append(what)

    def _make_object(self, mapping: Mapping) -> None:
        custom = mapping.custom_object
        if custom is None:
            return
        metadata = {
            "label": custom.label,
            "pluralLabel": custom.plural,
            "nameField": {"label": "Name", "type": "Text"},
            "deploymentStatus": "Deployed",
            "sharingModel": "ReadWrite",
        }
        body = {"FullName": mapping.sobject, "Metadata": metadata}
        self._do(f"object {mapping.sobject}", lambda: self._create_object(body))

    def _create_object(self, body: Record) -> None:
        try:
            self.org.tooling_create("CustomObject", body)
        except errors.Permanent as error:
            if error.code in _EXISTS:
                raise
            self.org.create_object(str(body["FullName"]), body["Metadata"])

    def _make_fields(self, wanted: dict[str, dict[str, Record]], visible: dict[str, set[str] | None]) -> None:
        done: set[str] = set()
        for sobject, fields in wanted.items():
            for name, metadata in fields.items():
                owner = "Activity" if sobject in _ACTIVITY else sobject
                full_name = f"{owner}.{name}"
                if name in (visible[sobject] or ()) or full_name in done:
                    continue
                done.add(full_name)
                body = {"FullName": full_name, "Metadata": metadata}
                self._do(
                    f"field {full_name} ({metadata['type']})",
                    lambda body=body: self.org.tooling_create("CustomField", body),  # type: ignore[misc]
                )

    # --- permissions --------------------------------------------------------------------------

    def _permit(self, wanted: dict[str, dict[str, Record]]) -> None:
        """Let the running user see and edit all of it, through one permission set."""
        try:
            set_id = self._permission_set()
            if set_id is None:
                return
            self._permit_objects(set_id, wanted)
            self._permit_fields(set_id, wanted)
            self._assign(set_id)
        except (errors.Permanent, errors.Misconfigured) as error:
            # Somebody may have given the rights by a profile; whether they suffice is seen below.
            self.result.warnings.append(
                f"The permission set {PERMISSION_SET} could not be completed: {error}"
            )

    def _permission_set(self) -> str | None:
        query = f"SELECT Id FROM PermissionSet WHERE Name = {soql.text(PERMISSION_SET)}"  # nosec B608 # SOQL of our own names, values quoted by soql.text
        rows = list(self.org.query(query))
        if rows:
            return str(rows[0]["Id"])
        self.result.made.append(f"permission set {PERMISSION_SET}")
        if self.result.dry_run:
            return None
        return self.org.create(
            "PermissionSet",
            {
                "Name": PERMISSION_SET,
                "Label": "PRM sync",
                "Description": "Lets the integration user see and edit what PRM keeps in step.",
            },
        )

    def _permit_objects(self, set_id: str, wanted: Record) -> None:
        query = f"SELECT SobjectType FROM ObjectPermissions WHERE ParentId = {soql.text(set_id)}"  # nosec B608 # SOQL of our own names, values quoted by soql.text
        known = {str(row["SobjectType"]) for row in self.org.query(query)}
        for sobject in wanted:
            if not sobject.endswith("__c") or sobject in known:
                continue
            record = {
                "ParentId": set_id,
                "SobjectType": sobject,
                **{f"Permissions{right}": True for right in ("Create", "Read", "Edit", "Delete")},
            }
            self._do(
                f"rights on {sobject}",
                lambda record=record: self.org.create("ObjectPermissions", record),  # type: ignore[misc]
            )

    def _permit_fields(self, set_id: str, wanted: dict[str, Record]) -> None:
        query = f"SELECT Field FROM FieldPermissions WHERE ParentId = {soql.text(set_id)}"  # nosec B608 # SOQL of our own names, values quoted by soql.text
        known = {str(row["Field"]) for row in self.org.query(query)}
        for sobject, fields in wanted.items():
            for name in fields:
                if f"{sobject}.{name}" in known:
                    continue
                record = {
                    "ParentId": set_id,
                    "SobjectType": sobject,
                    "Field": f"{sobject}.{name}",
                    "PermissionsRead": True,
                    "PermissionsEdit": True,
                }
                self._do(
                    f"right on {sobject}.{name}",
                    lambda record=record: self.org.create("FieldPermissions", record),  # type: ignore[misc]
                )

    def _assign(self, set_id: str) -> None:
        if not self.user_id:
            self.result.warnings.append(
                f"Assign the permission set {PERMISSION_SET} to the integration user by hand."
            )
            return
        query = (
            "SELECT Id FROM PermissionSetAssignment WHERE "
            f"PermissionSetId = {soql.text(set_id)} AND AssigneeId = {soql.text(self.user_id)}"  # nosec B608 # SOQL of our own names, values quoted by soql.text
        )
        if list(self.org.query(query)):
            return
        record = {"PermissionSetId": set_id, "AssigneeId": self.user_id}
        self._do(
            f"assignment of {PERMISSION_SET}",
            lambda: self.org.create("PermissionSetAssignment", record),
        )

    # --- looking again ------------------------------------------------------------------------

    def _look_again(self, wanted: dict[str, Record]) -> None:
        for number in range(VISIBLE_TRIES):
            self.result.missing = [
                f"{sobject}.{name}"
                for sobject, fields in wanted.items()
                for name in sorted(set(fields) - (self._visible(sobject) or set()))
            ]
            if not self.result.missing:
                return
            self.pause(0.5 * 2**number)


def external_id_metadata() -> Record:
    """Describe the key of a record: our id. Unique, so that an upsert never meets two records."""
    return {
        "type": "Text",
        "label": "PRM Id",
        "length": 36,
        "externalId": True,
        "unique": True,
        "caseSensitive": False,
        "inlineHelpText": "Filled by PRM. Ties this record to PRM; do not change it.",
    }


def field_metadata(one: Field) -> Record:
    """Return a field in the words of Salesforce's Metadata API."""
    metadata: Record = {"type": one.kind.value, "label": one.label or one.there[:-3]}
    if one.kind in (Kind.TEXT, Kind.PICKLIST):
        # A picklist would refuse values that an administrator has not listed.
        metadata |= {"type": Kind.TEXT.value, "length": min(one.length, 255)}
    elif one.kind is Kind.LONG_TEXT:
        metadata |= {"length": max(one.length, 256), "visibleLines": 5}
    elif one.kind in (Kind.NUMBER, Kind.CURRENCY, Kind.PERCENT):
        metadata |= {"precision": 18, "scale": one.scale}
    elif one.kind is Kind.FLAG:
        metadata |= {"defaultValue": False}
    return metadata


def lookup_metadata(parent: Parent, sobject: str, plural: str) -> Record:
    """Return a reference to another object; deleting the parent clears it."""
    stem = parent.there.removesuffix("__c")
    return {
        "type": "Lookup",
        "label": stem.removeprefix("PRM_").replace("_", " "),
        "referenceTo": sobject,
        "relationshipName": f"{stem}_{plural}".replace(" ", "_"),
        "relationshipLabel": plural.capitalize(),
        "deleteConstraint": "SetNull",
    }
