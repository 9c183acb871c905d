"""The dry run: compares everything here with the organisation and says what starting would do. Writes nothing.

Reads descriptions (one call an object) and the records that carry our key, and judges each record by the rules of the
engine. Called with the tenant bound and without an open transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.db import connection as database
from django.db import transaction

from prm.mapping import Field, Kind, Mapping, Normal, Values, Winner, amounts, names_read
from prm.mapping.beside import beside, theirs_of
from prm.mapping.decide import Decision, decide
from prm.salesforce.adoption.checks import Described, form_refusal, refusals
from prm.salesforce.adoption.outcome import EXAMPLES, Example, ObjectCount, Outcome, Refusal, Refusals
from prm.salesforce.engine import resting, store, whose
from prm.salesforce.engine.models import Connection
from prm.salesforce.mapping import capture, describing, registry
from prm.salesforce.matches import queries as matches
from prm.salesforce.matches.models import Match
from prm.salesforce.owners import service as owners
from prm.salesforce.people.queries import all_names
from prm.salesforce.products.pricebook import NoPriceBook
from prm.salesforce.products.trying import try_lines
from prm.salesforce.products.wanted import ITEM, objects_with_key
from prm.salesforce.runs.tokens import StoredTokens
from prm.salesforce.wire import errors, soql
from prm.salesforce.wire.client import Org, Record

CHUNK: Final = 1000
Key = tuple[str, UUID]


def try_start(report: Callable[[str], None] = lambda _step: None, *, elsewhere: bool = False) -> Outcome:
    """Return what starting would do for the tenant in scope. Raises `SalesforceError`.

    `report` is told before each step what it is, and may raise to end it there. `elsewhere`: another tenant here is
    connected to the same organisation.
    """
    org = Org(StoredTokens())
    report("Reading who owns what")
    with transaction.atomic():
        bound = Connection.objects.get()
    owners.keep_up(org, bound)
    outcome = _Trying(org, report).run()
    outcome.used_elsewhere = elsewhere
    outcome.calls = org.usage.calls
    return outcome


@dataclass(slots=True)
class _Object:
    """One kind of record while it is judged; `twins` are the records there that carry our key, or will, by our id.

    `links` are those of them that starting links, `undecided` records here that may be there already; `names` are those of
    Salesforce's users.
    """

    mapping: Mapping
    described: Described | None
    counts: ObjectCount
    fields: Sequence[Field]
    twins: dict[UUID, Record] = field(default_factory=dict)
    links: set[UUID] = field(default_factory=set)
    undecided: set[UUID] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)


class _Trying:
    """One dry run."""

    def __init__(self, org: Org, report: Callable[[str], None]) -> None:
        self.org = org
        self.report = report
        self.outcome = Outcome()
        self.refusals = Refusals()
        self._described: dict[str, Described | None] = {}
        # Records that will not be there: what needs them waits.
        self._absent: set[Key] = set()
        with transaction.atomic():
            self.names = all_names()

    def run(self) -> Outcome:
        self._learn()
        for one in registry.mappings().values():
            if _rests(one):
                continue
            self.report(f"Looking at {one.plural}")
            self._try(self._object(one))
            if one.adopt is not None:
                self.outcome.winners.append(winners_of(one))
            if one.has_lines:
                self._try_lines(one)
        self.outcome.refusals = self.refusals.all()
        return self.outcome

    def _try_lines(self, one: Mapping) -> None:
        """Say how many records would go with their products, which could not, and what would be made for it."""
        self.report(f"Looking at the products of {one.plural}")
        for sobject in objects_with_key(one):
            described = self._describe(sobject)
            if described is None or not described.has(one.external_id):
                self._note_missing(sobject if described is None else f"{sobject}.{one.external_id}")
        counts = ObjectCount(f"{one.plural} with products", ITEM, f"{one.singular} with products")
        self.outcome.objects.append(counts)

        def tell(what: str, title: str, why: str) -> None:
            counts.note(what, title)
            if why:
                self.refusals.note(counts.here, _without_products(why), title)

        try:
            made = try_lines(self.org, one, tell)
        except NoPriceBook as error:
            self.refusals.note(counts.here, _without_products(str(error)), one.plural)
            return
        if made:
            products = ObjectCount("products", "Product2", "product")
            self.outcome.objects.append(products)
            for item in made:
                products.note("create", item.code)

    # --- the organisation ---------------------------------------------------------------------

    def _learn(self) -> None:
        """Read how the organisation describes its objects, before the mapping that follows is asked for."""
        for sobject in dict.fromkeys(one.sobject for one in registry.mappings().values() if not _rests(one)):
            self._describe(sobject)
        registry.forget()

    def _object(self, one: Mapping) -> _Object:
        described = self._describe(one.sobject)
        counts = ObjectCount(one.plural, one.there_words or one.sobject, one.singular)
        found = _Object(one, described, counts, [], names=self.names)
        self.outcome.objects.append(counts)
        if described is None:
            self._note_missing(one.sobject)
            return found
        found.fields = [each for each in one.fields if described.has(each.there)]
        for name in (one.external_id, *(each.there for each in one.columns)):
            if not described.has(name):
                self._note_missing(f"{one.sobject}.{name}")
        if described.has(one.external_id):
            found.twins = self._twins(one, found.fields)
        if one.adopt is not None:
            self._add_matches(found)
        return found

    def _add_matches(self, found: _Object) -> None:
        """Take what was read and decided: what is certain or chosen is a twin, what is not waits."""
        with transaction.atomic():
            found.undecided = matches.undecided(found.mapping.key)
            rows = Match.objects.filter(
                mapping=found.mapping.key, state__in=(Match.State.CERTAIN, Match.State.CHOSEN)
            )
            for record_id, values in rows.values_list("record_id", "values").iterator():
                found.undecided.discard(record_id)
                if record_id not in found.twins:
                    found.twins[record_id] = values
                    found.links.add(record_id)

    def _note_missing(self, name: str) -> None:
        is_ours = name.endswith("__c")
        names = self.outcome.missing if is_ours else self.outcome.unseen
        if name not in names:
            names.append(name)

    def _describe(self, sobject: str) -> Described | None:
        if sobject not in self._described:
            try:
                said = self.org.describe(sobject)
                describing.remember(sobject, said)
                self._described[sobject] = Described(said)
            except errors.Permanent:
                self._described[sobject] = None
        return self._described[sobject]

    def _twins(self, one: Mapping, fields: Sequence[Field]) -> dict[UUID, Record]:
        """Return the records there that carry a key, by the id here that it names."""
        names = dict.fromkeys(["Id", "SystemModstamp", one.external_id, *names_read(fields), *one.marks])
        rows = self.org.query(soql.select(one.sobject, list(names), [f"{one.external_id} != null"]))
        found: dict[UUID, Record] = {}
        for row in rows:
            try:
                found[UUID(str(row[one.external_id]))] = row
            except ValueError:
                continue
        return found

    # --- records ------------------------------------------------------------------------------

    def _try(self, found: _Object) -> None:
        for ids in _chunks(found.mapping):
            with transaction.atomic():
                values = found.mapping.read(ids)
                links = store.links_of(found.mapping, values)
                outside = resting.outside(found.mapping, values)
            for record_id, each in values.items():
                if record_id in outside:
                    self._rest(found, record_id, each)
                    continue
                link = links.get(record_id)
                self._judge(found, record_id, each, link.agreed if link else {}, link.apart if link else {})

    def _rest(self, found: _Object, record_id: UUID, values: Values) -> None:
        """Count a record outside the scope; nothing of it would be exchanged."""
        if record_id not in found.twins:
            self._absent.add((found.mapping.key, record_id))
        normals, _unfit = found.mapping.normals(values)
        found.counts.note("outside", store.title_of(found.mapping, normals) or found.mapping.singular)

    def _judge(
        self,
        found: _Object,
        record_id: UUID,
        values: Values,
        agreed: dict[str, Normal],
        apart: dict[str, Normal],
    ) -> None:
        one = found.mapping
        normals, unfit = one.normals(values)
        title = store.title_of(one, normals) or one.singular
        twin = found.twins.get(record_id)
        if twin is None and (record_id in found.undecided or self._lacks_parent(one, values)):
            self._absent.add((one.key, record_id))
            found.counts.note("left_out", title)
            return
        why_form = form_refusal(one, values, unfit, twin)
        if why_form is not None:
            self.refusals.note(found.counts.here, why_form, title)
        if why_form is not None or self._refused(found, normals, values, title, creates=twin is None):
            self._absent.add((one.key, record_id))
            found.counts.note("refused", title)
        elif twin is None:
            found.counts.note("create", title)
        else:
            if record_id in found.links:
                found.counts.note("link", title)
            self._compare(found, (record_id, title), normals, twin, (agreed, apart))

    def _lacks_parent(self, one: Mapping, values: Values) -> bool:
        """Whether the record cannot be there, since its parent will not be."""
        for parent in one.parents:
            parent_id = values.get(parent.here)
            if (
                parent.required
                and isinstance(parent_id, UUID)
                and (parent.mapping, parent_id) in self._absent
            ):
                return True
        return False

    def _refused(
        self, found: _Object, normals: dict[str, Normal], values: Values, title: str, *, creates: bool
    ) -> bool:
        """Note why the record, or fields of it, would be refused; whether the whole record would be."""
        if found.described is None:
            if found.mapping.custom_object is not None:
                return False  # the set-up makes it
            self.refusals.note(found.counts.here, _unseen(found.mapping.sobject), title)
            return True
        parents = {one.there for one in found.mapping.parents if values.get(one.here) is not None}
        mine = {each.there: normals[each.there] for each in found.fields if each.there in normals}
        whole = False
        person = found.mapping.is_person(values)
        for why in refusals(
            found.mapping, found.described, mine, creates=creates, parents=parents, person=person
        ):
            self.refusals.note(found.counts.here, why, title)
            whole = whole or why.whole
        return whole

    def _compare(
        self,
        found: _Object,
        record: tuple[UUID, str],
        normals: dict[str, Normal],
        twin: Record,
        base: tuple[dict[str, Normal], dict[str, Normal]],
    ) -> None:
        record_id, title = record
        theirs, unread = theirs_of(found.fields, twin)
        normals = beside(found.mapping, normals, theirs, base[0])
        amounts.keep_apart(found.mapping, normals, theirs, unread)
        decision = decide(
            found.fields,
            agreed=base[0],
            apart=base[1],
            ours=normals,
            theirs=theirs,
            newest=lambda one: _newest(found.mapping, record_id, one, twin),
        )
        changes = [*_changes(found, title, normals, theirs, decision)]
        if not changes:
            found.counts.note("same", title)
            return
        found.counts.note("change", title)
        if found.counts.change <= EXAMPLES:
            self.outcome.examples += changes[:EXAMPLES]


_TAKEN: Final = {
    Winner.SALESFORCE: "Salesforce’s value is taken for",
    Winner.HERE: "yours goes there for",
    Winner.NEWEST: "the newer one stays for",
    Winner.ASK: "you are asked about",
}


def winners_of(one: Mapping) -> str:
    """Return in words whose value is taken when a record is linked and both sides have one, by the winner of each field."""
    parts = []
    for winner, words in _TAKEN.items():
        names = [each.words for each in one.columns if each.pushes and each.pulls and each.winner is winner]
        parts += [f"{words} {', '.join(dict.fromkeys(names))}"] if names else []
    only = [each.words for each in one.columns if not each.pulls and each.here]
    parts += [f"only yours counts for {', '.join(dict.fromkeys(only))}"] if only else []
    return f"{one.plural.capitalize()} that are linked: where both sides have a value, {'; '.join(parts)}."


def _unseen(sobject: str) -> Refusal:
    return Refusal(
        "",
        "INVALID_TYPE",
        f"INVALID_TYPE: sObject type '{sobject}' is not supported.",
        f"Give the integration user the rights to read, create and edit {sobject}.",
    )


def _without_products(why: str) -> Refusal:
    return Refusal(
        "",
        "PRODUCTS",
        f"{why}. It goes with its amount and without products.",
        "Put the products into the price book in Salesforce, or let those that are missing be made (Field mapping, Scope).",
        whole=False,
    )


def _rests(one: Mapping) -> bool:
    """Whether there is nothing of it here, and the organisation may lack it."""
    return one.optional and store.is_idle(one)


def _chunks(one: Mapping) -> Iterator[list[UUID]]:
    with transaction.atomic():
        ids = capture.all_ids(database, one)
    for first in range(0, len(ids), CHUNK):
        yield ids[first : first + CHUNK]


@transaction.atomic
def _newest(mapping: Mapping, record_id: UUID, one: Field, twin: Record) -> Winner:
    return whose.newest(mapping, record_id, one, twin)


def _changes(
    found: _Object, title: str, ours: dict[str, Normal], theirs: dict[str, Normal], decision: Decision
) -> Iterator[Example]:
    """Yield what would change, with the rule by which it does."""
    clashes = {one.there: one for one in decision.clashes}
    for name, value in decision.send.items():
        column = found.mapping.column(name)
        if column is None or not column.pushes:
            continue
        why = (
            "ours wins"
            if name in clashes
            else "empty there"
            if theirs.get(name) is None
            else "only we set it"
        )
        yield _example(found, title, column, theirs.get(name), value, "there", why)
    for name, value in decision.apply.items():
        column = found.mapping.column(name)
        if column is not None:
            why = "Salesforce wins" if name in clashes else "changed there"
            yield _example(found, title, column, ours.get(name), value, "here", why)
    for name, clash in clashes.items():
        if name not in decision.send and name not in decision.apply:
            words = found.mapping.column(name)
            if words is not None:
                yield _example(found, title, words, clash.theirs, clash.ours, "nowhere", "somebody is asked")


def _example(
    found: _Object, title: str, one: Field, before: Normal, after: Normal, where: str, why: str
) -> Example:
    said = ["" if value is None else str(value) for value in (before, after)]
    if one.kind is Kind.OWNER:
        said = [found.names.get(user, user) for user in said]
    shown = [words[:80] for words in said]
    return Example(found.counts.here, title[:80], one.words, shown[0], shown[1], where, why)
