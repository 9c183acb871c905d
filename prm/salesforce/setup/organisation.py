"""Makes in an organisation what the mappings need: custom object, custom fields, permission set.

Repeatable: it looks first, makes what is missing, and then looks whether the running user sees it.
A new custom field is visible to nobody, hence the permission set. Fields of visits live on Activity
and appear on both Event and Task.

Custom fields are made through the Tooling API. Custom objects too where the organisation takes
them there (the sandbox org does); a real one answers that CustomObject cannot be inserted, and then
a deployment of the Metadata API makes it. A step that fails stops no other. What could not be made is
said as what an administrator has to click (`by_hand.py`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.conf import settings

from prm.mapping import Mapping
from prm.salesforce.setup import by_hand, needs
from prm.salesforce.setup.metadata_xml import xml_of
from prm.salesforce.setup.permissions import PERMISSION_SET, Permissions
from prm.salesforce.wire import errors
from prm.salesforce.wire.client import Org, Record

VISIBLE_TRIES = 6
"""Salesforce's description of an object can lag behind a new field by some seconds."""

_EXISTS = frozenset({"DUPLICATE_DEVELOPER_NAME", "DUPLICATE_VALUE"})

DEPLOY_LOOKS = 60
"""Times that a deployment is looked at, every two seconds, before it is left to itself."""


@dataclass(slots=True)
class SetUp:
    """What was (or, dry, would be) made; `missing` names what is still not visible.

    `failures` say which steps failed and why, `by_hand` what an administrator has to do in Salesforce, in order.
    """

    made: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    by_hand: list[str] = field(default_factory=list)
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
        self.user_id = user_id
        self.pause = pause
        self.result = SetUp(dry_run=dry_run)
        # Fields that are there, whether or not we see them; the others could not be made.
        self._there: set[str] = set()

    def run(self) -> SetUp:
        wanted = needs.custom_fields(self.mappings)
        visible = {sobject: self._visible(sobject) for sobject in wanted}
        self._leave_out(wanted, visible)
        for one in self.mappings:
            if one.custom_object is not None and visible[one.sobject] is None:
                self._make_object(one)
        self._make_fields(wanted, visible)
        self._permit(wanted)
        if not self.result.dry_run:
            self._look_again(wanted)
            self._say_what_is_left(wanted)
        return self.result

    def _leave_out(self, wanted: dict[str, dict[str, Record]], visible: dict[str, set[str] | None]) -> None:
        """Go on without objects that an organisation may lack, and say so: only they wait."""
        for one in self.mappings:
            if one.optional and visible[one.sobject] is None and one.sobject in wanted:
                del wanted[one.sobject]
                self.result.warnings.append(
                    f"Salesforce does not show us the object {one.sobject}: {one.plural} stay here until it does, and all else "
                    "goes on. Give the integration user the rights to it, then run the set-up again."
                )
        self.mappings = [one for one in self.mappings if one.sobject in wanted]

    def _say_what_is_left(self, wanted: dict[str, dict[str, Record]]) -> None:
        """Name what an administrator must do, where something is missing in the end."""
        missing: dict[str, list[str]] = {}
        for full_name in self.result.missing:
            sobject, _, name = full_name.partition(".")
            missing.setdefault(sobject, []).append(name)
        customs = needs.custom_objects(self.mappings)
        for sobject, names in missing.items():
            if sobject in customs and set(names) == wanted[sobject].keys():
                self.result.by_hand.append(by_hand.object_step(sobject, customs[sobject]))
            owner = needs.owner_of(sobject)
            self.result.by_hand += [
                by_hand.field_step(owner, name, wanted[sobject][name])
                for name in names
                if f"{owner}.{name}" not in self._there
            ]
        self.result.by_hand = list(dict.fromkeys(self.result.by_hand))
        if missing:
            self.result.by_hand += by_hand.access_steps(PERMISSION_SET, missing, self.user_id)

    def _visible(self, sobject: str) -> set[str] | None:
        """Return the fields the running user sees; `None` when there is no such object for him."""
        self.report(f"Looking at {sobject}")
        try:
            described = self.org.describe(sobject)
        except (errors.Gone, errors.Permanent):
            return None
        return {str(each["name"]) for each in described["fields"]}

    # --- making -------------------------------------------------------------------------------

    def _do(self, what: str, work: Callable[[], object]) -> bool:
        """Do one step; whether it is done now. Its failure is kept and stops no other step."""
        if self.result.dry_run:
            self.result.made.append(what)
            return True
        self.report(f"Making {what}")
        try:
            self._once_more(work)
        except (errors.SignInRefused, errors.WrongOrganisation, errors.Unreachable, errors.OutOfBudget):
            raise  # every other step would fail as well
        except errors.SalesforceError as error:
            if error.code in _EXISTS:
                return True
            self.result.failures.append(f"{what[0].upper()}{what[1:]}: {error}")
            return False
        self.result.made.append(what)
        return True

    def _once_more(self, work: Callable[[], object]) -> None:
        """Repeat what Salesforce was too busy for, or whose answer was lost: what is there already says so."""
        try:
            work()
        except errors.Unreachable:
            raise
        except (errors.Busy, errors.UnknownOutcome) as error:
            self.pause(error.after or 2.0)
            work()

    def _make_object(self, mapping: Mapping) -> None:
        custom = mapping.custom_object
        if custom is None:
            return
        body = {"FullName": mapping.sobject, "Metadata": needs.object_metadata(custom)}
        self._do(f"object {mapping.sobject}", lambda: self._create_object(body))

    def _create_object(self, body: Record) -> None:
        try:
            self.org.tooling_create("CustomObject", body)
        except (errors.Permanent, errors.Misconfigured) as error:
            if error.code in _EXISTS:
                raise
            self._deploy_object(str(body["FullName"]), body["Metadata"])

    def _deploy_object(self, full_name: str, metadata: Record) -> None:
        """Make an object by a deployment of the Metadata API and wait for its end."""
        deployment = self.org.deploy(object_package(full_name, metadata))
        for _ in range(DEPLOY_LOOKS):
            result = self.org.deployment(deployment)
            done, total = result.get("numberComponentsDeployed", 0), result.get("numberComponentsTotal", 0)
            self.report(f"Deploying {full_name}: {done} of {total} parts, {result.get('status', 'Pending')}")
            if result.get("done"):
                _check_deployed(result)
                return
            self.pause(2.0)
        raise errors.Permanent(
            "Salesforce is still at it. Run the set-up again in some minutes.", code="DEPLOYMENT"
        )

    def _make_fields(self, wanted: dict[str, dict[str, Record]], visible: dict[str, set[str] | None]) -> None:
        done: set[str] = set()
        for sobject, fields in wanted.items():
            for name, metadata in fields.items():
                owner = needs.owner_of(sobject)
                full_name = f"{owner}.{name}"
                if name in (visible[sobject] or ()):
                    self._there.add(full_name)
                if name in (visible[sobject] or ()) or full_name in done:
                    continue
                done.add(full_name)
                body = {"FullName": full_name, "Metadata": metadata}
                made = self._do(
                    f"field {full_name} ({metadata['type']})",
                    lambda body=body: self.org.tooling_create("CustomField", body),  # type: ignore[misc]
                )
                if made:
                    self._there.add(full_name)

    def _permit(self, wanted: dict[str, dict[str, Record]]) -> None:
        """Let the running user see and edit all of it, through one permission set."""
        permissions = Permissions(
            self.org, self.user_id, self._do, self._there, self.result.made, dry_run=self.result.dry_run
        )
        try:
            warning = permissions.grant(wanted, needs.rights(self.mappings).objects)
        except (errors.Permanent, errors.Misconfigured) as error:
            # Somebody may have given the rights by a profile; whether they suffice is seen below.
            warning = f"The permission set {PERMISSION_SET} could not be completed: {error}"
        if warning:
            self.result.warnings.append(warning)

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


def object_package(full_name: str, metadata: Record) -> dict[str, bytes]:
    """Return the files of a deployment that makes one custom object, in metadata format."""
    package = {
        "types": {"members": full_name, "name": "CustomObject"},
        "version": settings.SALESFORCE_API_VERSION.removeprefix("v"),
    }
    return {
        "package.xml": xml_of("Package", package).encode(),
        f"objects/{full_name}.object": xml_of("CustomObject", metadata).encode(),
    }


def _check_deployed(result: Record) -> None:
    if result.get("status") == "Succeeded":
        return
    failed = (result.get("details") or {}).get("componentFailures") or []
    words = "; ".join(errors.plain(each.get("problem")) for each in failed[:3] if isinstance(each, dict))
    raise errors.Permanent(words or f"The deployment ended as {result.get('status')}.", code="DEPLOYMENT")
