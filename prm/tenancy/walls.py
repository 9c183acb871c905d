"""Walls 2 and 3 as model constraints, so that migrations carry them.

`TenantPolicy` turns on row-level security (enabled and forced) with one policy for reading and
writing. `TenantKey` is the composite foreign key `(tenant_id, x_id)` that keeps a row from
referring to another tenant's row. The metaclass of `TenantModel` adds both; nobody writes them by
hand, and `tests/tenancy/test_walls.py` walks the catalog for tables that lack one.
"""

from collections.abc import Callable

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.constraints import BaseConstraint

# Read once per statement (a scalar sub-query), not once per row. After a transaction with
# SET LOCAL the setting is '' and not NULL for the rest of the session, hence NULLIF.
CURRENT_TENANT = "(SELECT NULLIF(current_setting('prm.tenant', true), '')::uuid)"
CURRENT_USER = "(SELECT NULLIF(current_setting('prm.user', true), '')::bigint)"
SWEEPING = "(SELECT current_setting('prm.sweep', true) = 'on')"


class WallConstraint(BaseConstraint):
    """A constraint that is its own SQL; Django has nothing to validate in Python."""

    def constraint_sql(
        self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> str:
        """Return nothing for inside `CREATE TABLE`: the statement follows when the table exists."""
        assert schema_editor is not None
        if sql := self.create_sql(model, schema_editor):
            schema_editor.deferred_sql.append(sql)
        return ""

    def validate(self, *args: object, **kwargs: object) -> None:
        """Accept everything: the database alone decides."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash((type(self), self.name))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.name}>"


class TenantPolicy(WallConstraint):
    """Row-level security of a tenant-owned table.

    `own_user` names a user column whose rows a person may also read outside a scope (memberships, for
    the chooser). `swept` lets the schedule's own tasks read the rows of all tenants (when to look at
    which). Neither allows writing.
    """

    def __init__(self, *, name: str, own_user: str = "", swept: bool = False) -> None:
        super().__init__(name=name)
        self.own_user = own_user
        self.swept = swept

    def _readers(self, quote: Callable[[str], str]) -> dict[str, str]:
        """Return the extra policies for reading: name and condition."""
        readers = {}
        if self.own_user:
            readers[f"{self.name}_own"] = f"{quote(self.own_user)} = {CURRENT_USER}"
        if self.swept:
            readers[f"{self.name}_sweep"] = SWEEPING
        return readers

    def create_sql(
        self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> str:
        assert model is not None and schema_editor is not None
        quote = schema_editor.quote_name
        table, name = quote(model._meta.db_table), quote(self.name)
        tenant = quote("tenant_id")
        statements = [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY {name} ON {table} USING ({tenant} = {CURRENT_TENANT})"
            f" WITH CHECK ({tenant} = {CURRENT_TENANT})",
        ]
        statements += [
            f"CREATE POLICY {quote(reader)} ON {table} FOR SELECT USING ({condition})"
            for reader, condition in self._readers(quote).items()
        ]
        return "; ".join(statements)

    def remove_sql(
        self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> str:
        assert model is not None and schema_editor is not None
        quote = schema_editor.quote_name
        table = quote(model._meta.db_table)
        # The table stays closed (enabled, no policy, no rows) until another policy is made.
        return "; ".join(
            f"DROP POLICY {quote(name)} ON {table}" for name in (self.name, *self._readers(quote))
        )

    def deconstruct(self) -> tuple[str, tuple[object, ...], dict[str, object]]:
        path, args, kwargs = super().deconstruct()
        if self.own_user:
            kwargs["own_user"] = self.own_user
        if self.swept:
            kwargs["swept"] = True
        return path, tuple(args), kwargs


class TenantKey(WallConstraint):
    """`FOREIGN KEY (tenant_id, <field>) REFERENCES other (tenant_id, id)`, checked at commit.

    Made at the end of its migration, when the other table is there whatever order the operations
    came in.
    """

    def __init__(self, *, name: str, field: str) -> None:
        super().__init__(name=name)
        self.field = field

    def create_sql(
        self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> str:
        assert model is not None and schema_editor is not None
        quote = schema_editor.quote_name
        field = model._meta.get_field(self.field)
        assert isinstance(field, models.ForeignKey)
        target = field.related_model
        schema_editor.deferred_sql.append(
            f"ALTER TABLE {quote(model._meta.db_table)} ADD CONSTRAINT {quote(self.name)}"
            f" FOREIGN KEY ({quote('tenant_id')}, {quote(field.attname)})"
            f" REFERENCES {quote(target._meta.db_table)}"
            f" ({quote('tenant_id')}, {quote('id')})"
            f" DEFERRABLE INITIALLY DEFERRED"
        )
        return ""

    def remove_sql(
        self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> str:
        assert model is not None and schema_editor is not None
        quote = schema_editor.quote_name
        return f"ALTER TABLE {quote(model._meta.db_table)} DROP CONSTRAINT {quote(self.name)}"

    def deconstruct(self) -> tuple[str, tuple[object, ...], dict[str, object]]:
        path, args, kwargs = super().deconstruct()
        kwargs["field"] = self.field
        return path, tuple(args), kwargs
