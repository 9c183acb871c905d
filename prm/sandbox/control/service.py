"""What an administrator does in the user interface."""

from __future__ import annotations

from dataclasses import dataclass

from prm.sandbox.access.models import Person
from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.kit.types import JsonObject, Row, as_list, as_number, as_object, text_or_empty
from prm.sandbox.records.lookup import fetch
from prm.sandbox.records.recycle import RecycleBin
from prm.sandbox.records.service import Writer, Writers
from prm.sandbox.replication.responses import Replication
from prm.sandbox.schema.models import Schema
from prm.sandbox.seed import Seed
from prm.sandbox.store.models import Store


@dataclass(frozen=True, slots=True)
class Administration:
    """Changes records as another user than the application: stamps move, and it learns of it by reading."""

    schema: Schema
    store: Store
    writers: Writers
    bin: RecycleBin
    replication: Replication
    administrator: Person
    seed: Seed

    def change(self, wanted: JsonObject) -> JsonObject:
        """Do one change; return what was done to which id. Raise SandboxError, ValueError for an unknown one.

        `op` is create, update, delete, undelete, purge (hard delete), merge, empty_bin, user (`fields` of a new one:
        email, last, first; with an `id` one is made active or not) or
        running (hold latestDateCovered back by `stamp_age` seconds; 0 lets go). `object`,
        `id`, `fields`, `losers` say what; `stamp_age` seconds make the stamps those of
        a transaction that began earlier.
        """
        writer = self.writers.open(self.administrator, stamp_age=as_number(wanted.get("stamp_age")))
        operation = str(wanted.get("op", "update"))
        operations = {
            "create": self._create,
            "update": self._update,
            "delete": self._delete,
            "undelete": self._undelete,
            "purge": self._purge,
            "merge": self._merge,
            "empty_bin": self._empty_bin,
            "running": self._running,
            "user": self._user,
        }
        if operation not in operations:
            raise ValueError(f"unknown op {operation!r}")
        record_id = operations[operation](writer, wanted)
        return {"op": operation, "id": record_id or None}

    def _create(self, writer: Writer, wanted: JsonObject) -> str:
        return writer.insert(text_or_empty(wanted.get("object")), as_object(wanted.get("fields")))

    def _update(self, writer: Writer, wanted: JsonObject) -> str:
        record_id = _id(wanted)
        writer.update(text_or_empty(wanted.get("object")), record_id, as_object(wanted.get("fields")))
        return record_id

    def _delete(self, writer: Writer, wanted: JsonObject) -> str:
        writer.delete(_id(wanted))
        return _id(wanted)

    def _undelete(self, writer: Writer, wanted: JsonObject) -> str:
        self.bin.restore(_id(wanted), writer.signature)
        return _id(wanted)

    def _purge(self, writer: Writer, wanted: JsonObject) -> str:
        self.bin.purge(_id(wanted), writer.signature)
        return _id(wanted)

    def _empty_bin(self, writer: Writer, wanted: JsonObject) -> str:
        self.bin.empty()
        return ""

    def _running(self, writer: Writer, wanted: JsonObject) -> str:
        self.replication.running_since = (
            writer.signature.moment.replace(microsecond=0) if wanted.get("stamp_age") else None
        )
        return ""

    def _user(self, writer: Writer, wanted: JsonObject) -> str:
        fields = {name: text_or_empty(value) for name, value in as_object(wanted.get("fields")).items()}
        active = as_object(wanted.get("fields")).get("active", True) is True
        if not _id(wanted):
            names = {name: fields[name] for name in ("last", "first", "username") if name in fields}
            return self.seed.user(fields.get("email", ""), **{"last": "User", **names}, active=active)
        values: Row = {"IsActive": int(active), "SystemModstamp": writer.signature.stamp}
        with self.store.transaction():
            self.store.update(self.schema.entities["user"], _id(wanted), values)
        return _id(wanted)

    def _merge(self, writer: Writer, wanted: JsonObject) -> str:
        """Merge up to two records of one object into a master, as the user interface does.

        Children move to the master without their stamps moving; losers go to the bin with
        MasterRecordId set and without their unique keys; the master is updated.
        """
        master_id, losers = _id(wanted), [str(each) for each in as_list(wanted.get("losers"))]
        entity = self.schema.of_id(master_id)
        if entity is None or not entity.mergeable:
            raise SandboxError("INVALID_OPERATION", "only accounts and contacts can be merged")
        if not 1 <= len(losers) <= 2 or master_id in losers:
            raise SandboxError("INVALID_OPERATION", "a merge takes one or two other records")
        unique: Row = {each.name: None for each in entity.fields.values() if each.unique}
        with self.store.transaction():
            fetch(self.store, entity, master_id)
            for loser in losers:
                fetch(self.store, entity, loser)
                for child, field in self.schema.references_to(entity):
                    self.store.execute(
                        f'UPDATE {child.table} SET "{field.name}" = ? WHERE "{field.name}" = ?',  # nosec B608 # names are our own, values are parameters
                        (master_id, loser),
                    )
                self.bin.retire(entity, loser, writer.signature, f"{loser} {writer.signature.stamp}")
                self.store.update(entity, loser, {**unique, "MasterRecordId": master_id})
            writer.update(entity.name, master_id, as_object(wanted.get("fields")))
        return master_id


def _id(wanted: JsonObject) -> str:
    return text_or_empty(wanted.get("id"))
