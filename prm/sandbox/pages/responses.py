"""The pages: objects, records of one, one record."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from prm.sandbox.access.models import Person
from prm.sandbox.kit.clock import Clock
from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.kit.ids import to18
from prm.sandbox.kit.messages import Request, Response
from prm.sandbox.kit.types import Json, JsonObject, Row, Value
from prm.sandbox.pages import shapes
from prm.sandbox.records.lookup import fetch
from prm.sandbox.records.service import Writers
from prm.sandbox.schema.models import Entity, Field, Schema
from prm.sandbox.store.models import Store

ROWS = 50
_POLICY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


def _differs(field: Field, old: Value, value: str) -> bool:
    if field.type == "boolean":
        return bool(old) != (value == "true")
    # Browsers send text with CRLF line ends.
    return ("" if old is None else str(old)).replace("\r\n", "\n") != value.replace("\r\n", "\n")


def is_foreign(request: Request) -> bool:
    """Tell whether a form was sent from another site."""
    origin = request.headers.get("origin")
    return bool(origin) and urlsplit(origin).netloc != request.headers.get("host")


@dataclass(frozen=True, slots=True)
class Pages:
    """Shows the org to a person."""

    schema: Schema
    store: Store
    writers: Writers
    clock: Clock
    org_name: str
    administrator: Person
    # One change as JSON, as the control takes it: merging and restoring.
    administer: Callable[[JsonObject], JsonObject]

    @property
    def base(self) -> str:
        """The org's path."""
        return f"/{self.org_name}"

    def page(self, title: str, body: str, status: int = 200) -> Response:
        """Return a whole page."""
        small = f"{self.store.meta('organization')}, {self.clock.stamp()}"
        html = shapes.page(title, body, org_name=self.org_name, base=self.base, small=small)
        return Response(status, html.encode(), dict(_POLICY), "text/html;charset=UTF-8")

    def style(self, request: Request) -> Response:
        """Answer the style sheet."""
        sheet = (Path(__file__).parent / "style.css").read_bytes()
        return Response(200, sheet, {"Cache-Control": "max-age=3600"}, "text/css")

    def nothing(self, request: Request) -> Response:
        """Answer that there is no such page."""
        return self.page("Not found", "<p>There is nothing here.</p>", 404)

    def home(self, request: Request) -> Response:
        """Show all objects."""
        counted = (
            (each, self.store.value(f"SELECT count(*) FROM {each.table} WHERE {each.alive}"))  # nosec B608 # names are our own, values are parameters
            for each in self.schema.entities.values()
        )
        return self.page(
            "Objects",
            shapes.INTRO + shapes.switches_link(self.base) + shapes.object_table(counted, self.base),
        )

    def records(self, request: Request, name: str) -> Response:
        """Show the records of one object, the newest first, found by name or id; with `bin=1` those in the recycle bin."""
        entity = self.schema.find(name)
        if entity is None:
            return self.nothing(request)
        asked = request.query.get("q", "").strip()
        number = max(1, int(request.query.get("page", "1") or 1))
        in_bin = request.query.get("bin") == "1"
        where, params = f"WHERE {'NOT ' if in_bin else ''}({entity.alive})", []
        if asked:
            where += f' AND ("{entity.name_field}" LIKE ? OR "Id" = ?)'
            params = [f"%{asked}%", to18(asked) or asked]
        total = int(self.store.value(f"SELECT count(*) FROM {entity.table} {where}", params) or 0)  # nosec B608 # names are our own, values are parameters
        rows = self.store.rows(
            f'SELECT * FROM {entity.table} {where} ORDER BY "SystemModstamp" DESC, "Id" DESC LIMIT {ROWS} '
            f"OFFSET {(number - 1) * ROWS}",  # nosec B608 # names are our own, values are parameters
            params,
        )
        body = (
            shapes.search_form(entity, asked, self.base, in_bin=in_bin)
            + shapes.bin_link(entity, self.base, in_bin=in_bin)
            + shapes.record_table(entity, rows, self.base)
            + ("" if rows else "<p>No records.</p>")
            + shapes.pager(
                f"{self.base}/{entity.name}", asked, number, math.ceil(total / ROWS), in_bin=in_bin
            )
        )
        return self.page(f"{entity.titles}{' in the recycle bin' if in_bin else ''} ({total})", body)

    def record(self, request: Request, name: str, record_id: str) -> Response:
        """Show one record, after its form was saved perhaps."""
        entity = self.schema.find(name)
        if entity is None:
            return self.nothing(request)
        if request.method == "POST" and is_foreign(request):
            return self.page("Refused", "<p>This form was sent from another site.</p>", 403)
        note = self._save(request.form(), entity, record_id) if request.method == "POST" else ""
        row = self.store.get(entity, to18(record_id) or "")
        if row is None:
            return self.page("Not found", "<p>There is no such record.</p>", 404)
        title = str(row.get(entity.name_field) or row["Id"])
        if row.get("IsDeleted"):
            return self.page(title, note + shapes.in_bin(entity, row, self.base), 404)
        form = shapes.record_form(entity, row, self.base) + shapes.merge_form(entity, row, self.base)
        facts = shapes.facts(self._facts(entity, row), self.base)
        return self.page(title, shapes.trail(entity, self.base) + note + form + facts)

    def _facts(self, entity: Entity, row: Row) -> Iterator[tuple[Field, Value, Entity | None]]:
        for each in entity.fields.values():
            reference, value = each.type == "reference", row[each.name]
            if reference or not (each.updateable and entity.writable):
                yield each, value, self.schema.of_id(str(value)) if reference and value else None

    def _save(self, form: dict[str, str], entity: Entity, record_id: str) -> str:
        """Apply the form as the administrator: only what differs from the stored row is written."""
        writer = self.writers.open(self.administrator)
        try:
            if form.get("_do") == "delete":
                writer.delete(record_id, entity.name)
                return shapes.done("Deleted.")
            if "_loser" in form:
                self._merge(entity, record_id, form["_loser"].strip())
                return shapes.done("Merged: what belonged to the other record belongs to this one.")
            if "_restore" in form:
                self.administer({"op": "undelete", "id": record_id})
                return shapes.done("Restored.")
            stored = fetch(self.store, entity, record_id)
            changes: dict[str, Json] = {}
            for name, value in form.items():
                field = entity.find(name)
                if field is not None and _differs(field, stored[field.name], value):
                    changes[name] = value
            if not changes:
                return shapes.done("Nothing was different.")
            writer.update(entity.name, record_id, changes)
        except SandboxError as error:
            return shapes.problem(error.message, error.code)
        return shapes.done(f"Saved: {', '.join(changes)}.")

    def _merge(self, entity: Entity, master_id: str, loser: str) -> None:
        """Merge a record, given by its id, into another one of the same object."""
        loser_id = to18(loser)
        if loser_id is None or self.schema.of_id(loser_id) is not entity:
            raise SandboxError("MALFORMED_ID", f"{loser or 'nothing'} is no id of this kind of record")
        self.administer({"op": "merge", "id": to18(master_id) or master_id, "losers": [loser_id]})
