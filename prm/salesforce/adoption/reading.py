"""Reads what is there, finds out whom of ours each record is, and keeps it for a person. Writes nothing there.

Called with the tenant bound and without an open transaction. Can be repeated: what was decided stays, what came later
is added, what is gone there goes.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import connection as database
from django.db import transaction

from prm.core.clock import now
from prm.core.ids import uuid7
from prm.core.notation.reader import figure
from prm.mapping import Adopt, BadValue, Kind, Recognised, names_read
from prm.mapping import Mapping as Mapped
from prm.mapping.persons import IS_PERSON, RECORD_TYPE
from prm.salesforce.adoption import persons, places
from prm.salesforce.adoption.checks import Described
from prm.salesforce.adoption.places import Place
from prm.salesforce.adoption.sorting import Sorted, There, noun_there, nouns_there, sort
from prm.salesforce.engine.models import Connection, PullCursor, RecordLink
from prm.salesforce.mapping import capture, describing, registry
from prm.salesforce.matches.models import RULE, TAKEN_BACK, Match
from prm.salesforce.runs.tokens import StoredTokens
from prm.salesforce.wire import errors, soql
from prm.salesforce.wire.client import Org, Record

CHUNK: Final = 2000
_TEXTS: Final = frozenset({"string", "email", "phone", "url", "textarea", "picklist"})
_FORMED: Final = frozenset({Kind.CURRENCY, Kind.NUMBER, Kind.PERCENT, Kind.DATE, Kind.PICKLIST})
_A_PERSONS: Final = (RULE, TAKEN_BACK)
_UNDECIDED: Final = (Match.State.CERTAIN, Match.State.OPEN, Match.State.NEW)


@dataclass(slots=True)
class ReadThere:
    """What a reading found: records read, in step already, and how many are of each state; calls and seconds used.

    `objects` says the same of each kind of record, by its name there in the plural.
    """

    read: int = 0
    linked: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    objects: dict[str, dict[str, int]] = field(default_factory=dict)
    calls: int = 0
    seconds: float = 0.0

    def as_json(self) -> dict[str, object]:
        """Return it to be kept, or printed."""
        return asdict(self)


def read(report: Callable[[str], None] = lambda _step: None) -> ReadThere:
    """Read all objects whose records may be ours. Raises `SalesforceError`; what was read before it stays.

    `report` is told before each step what it is, and may raise to end it there.
    """
    org, began, found = Org(StoredTokens()), time.monotonic(), ReadThere()
    keyed: dict[str, dict[str, UUID]] = {}
    done: list[Mapped] = []
    for one in registry.mappings().values():
        if one.adopt is not None:
            reading = _Reading(org, one, one.adopt, report, found)
            keyed[one.key] = reading.run(keyed)
            done.append(one)
    took = time.monotonic() - began
    with transaction.atomic():
        # By their clock, and from before the first row was read: newcomers are looked for from there.
        _note_read(done, org.now() - timedelta(seconds=took))
    found.calls = org.usage.calls
    found.seconds = round(took, 1)
    return found


def read_new(
    org: Org,
    one: Mapped,
    adopt: Adopt,
    *,
    since: datetime,
    report: Callable[[str], None] = lambda _step: None,
) -> ReadThere:
    """Read what of an object was made or changed there since a moment and is not ours; one query, and one for owners."""
    found = ReadThere()
    _Reading(org, one, adopt, report, found, since).run({})
    return found


def _note_read(done: Sequence[Mapped], moment: datetime) -> None:
    """Remember what was read; what waited for it in a connection that runs already goes now."""
    bound = Connection.objects.select_for_update().get()
    first = [one for one in done if one.key not in bound.objects_read]
    bound.read_at, bound.objects_read = now(), sorted(one.key for one in done)
    bound.save(update_fields=["read_at", "objects_read"])
    for one in done:
        PullCursor.objects.update_or_create(sobject=one.sobject, defaults={"newcomers_to": moment})
    if not bound.is_resting and bound.state != Connection.State.DISCONNECTED:
        capture.enqueue_all(database, first)


class _Reading:
    """One object's; with `since` only what lacks our key and was saved there since then."""

    def __init__(
        self,
        org: Org,
        one: Mapped,
        adopt: Adopt,
        report: Callable[[str], None],
        found: ReadThere,
        since: datetime | None = None,
    ) -> None:
        self.since = since
        self.org, self.one, self.adopt, self.report, self.found = org, one, adopt, report, found
        self.began = now()

    def run(self, keyed: Mapping[str, Mapping[str, UUID]]) -> dict[str, UUID]:
        """Read them; `keyed` are records there of the objects before that carry our id, by mapping. Return those of this one."""
        self.report(f"Reading {self.one.there_words or self.one.sobject} records")
        rows = self._rows(keyed)
        with transaction.atomic():
            ours = {str(each) for each in capture.all_ids(database, self.one)}
            links = RecordLink.objects.filter(mapping=self.one.key, state=RecordLink.State.LINKED)
            linked = dict(links.values_list("record_id", "sf_id"))
            shared = self._shared(rows)
        twins = set(linked.values())
        left = [row for row in rows if row.sf_id not in twins | shared and row.key.lower() not in ours]
        recognised = self._recognise(left)
        sorted_out = sort(
            left, recognised, linked=linked, noun=self.one.singular, there=noun_there(self.one.sobject)
        )
        listed = [each for each in sorted_out if not places.is_elsewhere(each)]
        self.report("Writing down what was found")
        with transaction.atomic():
            self._keep(listed)
            if self.since is None:
                self._clear({row.sf_id for row in rows}, twins)
            self._forget([each.there.sf_id for each in sorted_out if places.is_elsewhere(each)])
        self._count(len(rows), len(left), listed)
        return {row.sf_id: UUID(row.key) for row in rows if row.key.lower() in ours}

    def _count(self, read: int, left: int, listed: Sequence[Sorted]) -> None:
        mine = {"read": read, "linked": read - left}
        for each in listed:
            mine[each.state.value] = mine.get(each.state.value, 0) + 1
        self.found.objects[nouns_there(self.one.sobject)] = mine
        self.found.read += read
        self.found.linked += read - left
        for state in mine.keys() - {"read", "linked"}:
            self.found.counts[state] = self.found.counts.get(state, 0) + mine[state]

    def _shared(self, rows: Sequence[There]) -> set[str]:
        """Return those there that are records of ours of another kind, which shares the object (an order that was reopened)."""
        others = [
            each
            for each in registry.mappings().values()
            if each.key != self.one.key and each.sobject == self.one.sobject
        ]
        keyed = {row.key.lower(): row.sf_id for row in rows if row.key}
        found: set[str] = set()
        for each in others:
            links = RecordLink.objects.filter(mapping=each.key, state=RecordLink.State.LINKED)
            found |= set(links.filter(sf_id__in=[row.sf_id for row in rows]).values_list("sf_id", flat=True))
            found |= {keyed[str(record_id)] for record_id in capture.those_of(database, each, keyed)}
        return found

    def _recognise(self, rows: list[There]) -> list[Recognised]:
        found: list[Recognised] = []
        for first in range(0, len(rows), CHUNK):
            self.report(f"Comparing {figure(min(first + CHUNK, len(rows)))} of {figure(len(rows))}")
            with transaction.atomic():
                some = rows[first : first + CHUNK]
                found += persons.only_fitting(
                    self.one, some, self.adopt.recognise([row.seen for row in some])
                )
        return found

    # --- there --------------------------------------------------------------------------------

    def _rows(self, keyed: Mapping[str, Mapping[str, UUID]]) -> list[There]:
        said = self.org.describe(self.one.sobject)
        knows_persons = self.one.persons is None or not self.one.persons.is_chosen or self.one.persons.is_on
        if describing.remember(self.one.sobject, said) or not knows_persons:
            registry.forget()
            self.one = registry.mapping(self.one.key)
        described = Described(said)
        parent = places.parent_of(self.one, self.adopt)
        above = parent.there if parent and described.has(parent.there) else ""
        clues = _clues(self.adopt, described)
        mapped = ["SystemModstamp"]
        mapped += names_read(each for each in self.one.fields if described.has(each.there))
        mapped += [name for name in (RECORD_TYPE, *self.one.marks) if described.has(name)]
        key = self.one.external_id if described.has(self.one.external_id) else ""
        names = dict.fromkeys(["Id", *filter(None, [key, above]), "OwnerId", *clues.values(), *mapped])
        if not described.has("OwnerId"):
            names.pop("OwnerId")
        where: list[str] = []
        if self.since is not None:
            where = [f"SystemModstamp >= {soql.moment(self.since)}"] + ([f"{key} = null"] if key else [])
        where += [self.adopt.only] if described.has(self.adopt.only.partition(" ")[0]) else []
        if described.has(IS_PERSON) and self.one.persons is None:
            # The contact behind a person account is no record of its own.
            where.append(f"{IS_PERSON} = false")
        rows = list(self.org.query(soql.select(self.one.sobject, list(names), where)))
        owners = self._owners({str(row["OwnerId"]) for row in rows if row.get("OwnerId")})
        known: dict[str, Place] = {}
        if parent is not None:
            with transaction.atomic():
                known = places.places(parent.mapping, keyed.get(parent.mapping, {}))
        found = [_there(self.one, row, clues, mapped, key, owners) for row in rows]
        for one, row in zip(found, rows, strict=True):
            one.seen.update(
                places.clues(self.adopt.within, str(row.get(above) or ""), known) if above else {}
            )
        return found

    def _owners(self, ids: set[str]) -> dict[str, str]:
        """Return the names of users, an inactive one with a word of it."""
        found: dict[str, str] = {}
        wanted = sorted(ids)
        try:
            for first in range(0, len(wanted), soql.MOST_IDS):
                some = wanted[first : first + soql.MOST_IDS]
                for row in self.org.query(
                    soql.select("User", ["Id", "Name", "IsActive"], [soql.one_of("Id", some)])
                ):
                    found[str(row["Id"])] = str(row["Name"]) + ("" if row["IsActive"] else ", not active")
        except errors.Permanent:
            return {}
        return found

    # --- here ---------------------------------------------------------------------------------

    def _keep(self, rows: Iterable[Sorted]) -> None:
        """Write down what is to be decided; what a person decided, or a duplicate rule found, stays as it is."""
        known = {
            sf_id: (state, doubt)
            for sf_id, state, doubt in Match.objects.filter(mapping=self.one.key)
            .select_for_update()
            .values_list("sf_id", "state", "doubt")
        }
        kept = {
            sf_id for sf_id, (state, doubt) in known.items() if state not in _UNDECIDED or doubt in _A_PERSONS
        }
        fresh = [_match(self.one.key, row, self.began) for row in rows if row.there.sf_id not in kept]
        columns = [
            "name", "owner", "seen", "values", "key", "state", "doubt", "record_id", "record_name", "reason", "candidates",
            "read_at",
        ]  # fmt: skip
        Match.objects.bulk_create(
            fresh,
            batch_size=1000,
            update_conflicts=True,
            unique_fields=["tenant", "mapping", "sf_id"],
            update_fields=columns,
        )

    def _clear(self, there: set[str], twins: set[str]) -> None:
        """Forget what is gone there, or in step by now; what was decided and is gone goes too."""
        mine = Match.objects.filter(mapping=self.one.key)
        rows = mine.exclude(state__in=(Match.State.LINKED, Match.State.UNDOING)).values_list("pk", "sf_id")
        gone = [pk for pk, sf_id in rows if sf_id not in there or sf_id in twins]
        for first in range(0, len(gone), 5000):
            mine.filter(pk__in=gone[first : first + 5000]).delete()

    def _forget(self, elsewhere: Sequence[str]) -> None:
        """Forget what was new there and is at nobody's record here by now."""
        mine = Match.objects.filter(mapping=self.one.key, state=Match.State.NEW)
        for first in range(0, len(elsewhere), 5000):
            mine.filter(sf_id__in=elsewhere[first : first + 5000]).delete()


def _clues(adopt: Adopt, described: Described) -> dict[str, str]:
    """Return the fields there by clue: a company's own field of a key goes before Salesforce's."""
    found = {clue: name for clue, name in adopt.clues.items() if described.has(name)}
    for clue, pattern in adopt.keys.items():
        wanted = re.compile(pattern, re.IGNORECASE)
        for name, about in described.fields.items():
            is_theirs = name.endswith("__c") and not name.startswith("PRM_") and about.get("type") in _TEXTS
            words = f"{name.removesuffix('__c').replace('_', ' ')} {about.get('label') or ''}"
            if is_theirs and wanted.search(words):
                found.setdefault(clue, name)
    return found


def _there(
    one: Mapped,
    row: Record,
    clues: Mapping[str, str],
    mapped: Iterable[str],
    key: str,
    owners: Mapping[str, str],
) -> There:
    said = {clue: _said(one, name, row[name]) for clue, name in clues.items() if row.get(name)}
    seen = {clue: words for clue, words in said.items() if words}
    return There(
        sf_id=str(row["Id"]),
        name=seen.get("name", ""),
        key=str(row.get(key) or "") if key else "",
        owner=owners.get(str(row.get("OwnerId") or ""), ""),
        seen=seen,
        values={name: _kept(row.get(name)) for name in mapped},
    )


def _said(one: Mapped, name: str, value: object) -> str:
    """Return a clue as text: of a mapped amount, day or choice in the form of the mapping, "" where it has none."""
    column = one.column(name)
    if column is None or column.kind not in _FORMED:
        return str(value)
    try:
        local = column.local(column.normal(value))
    except BadValue:
        return ""
    return "" if local is None else str(local)


def _kept(value: object) -> object:
    return str(value) if isinstance(value, Decimal) else value


def _match(mapping: str, row: Sorted, moment: datetime) -> Match:
    made = Match(
        id=uuid7(),
        mapping=mapping,
        sf_id=row.there.sf_id,
        name=row.there.name[:255],
        owner=row.there.owner[:121],
        seen=row.there.seen,
        values=row.there.values,
        key=row.there.key[:255],
        read_at=moment,
    )
    places.take(made, row)
    return made
