"""Keys of tenant-owned tables: each begins with `tenant_id`, the primary key too.

Django knows `id` as the primary key and would write `id uuid PRIMARY KEY`. Here a table with a column
`tenant_id` gets `PRIMARY KEY (tenant_id, id)` in its place. So it is the target of composite foreign keys
without a second index, can be partitioned, and can be distributed by tenant on Citus. `UNIQUE` beside a
single column is left out: the metaclass of `TenantModel` declares `UNIQUE (tenant_id, column)` for it.
"""

from collections.abc import Iterator
from typing import TypeVar

from django.db import models
from django.db.backends.postgresql import features, schema

TENANT_COLUMN = "tenant_id"
_OF_ONE_COLUMN = frozenset({"PRIMARY KEY", "UNIQUE"})
T = TypeVar("T")


def tenant_key(model: type[models.Model]) -> tuple[str, str] | None:
    """Return the columns of a primary key that begins with the tenant without Django's knowing it."""
    pk = model._meta.pk.column
    columns = {field.column for field in model._meta.local_fields}
    return (TENANT_COLUMN, pk) if TENANT_COLUMN in columns and pk and pk != TENANT_COLUMN else None


class DatabaseSchemaEditor(schema.DatabaseSchemaEditor):
    """Django's, with the tenant first in the keys of tenant-owned tables."""

    def table_sql(self, model: type[models.Model]) -> tuple[str, list[object]]:
        """Return `CREATE TABLE` with the primary key that the column does not carry."""
        sql, params = super().table_sql(model)
        if key := tenant_key(model):
            columns = ", ".join(map(self.quote_name, key))
            sql = f"{sql.removesuffix(')')}, PRIMARY KEY ({columns}))"
        return sql, params

    def _iter_column_sql(
        self, column_db_type: str, params: list[object], model: type[models.Model], *args: T
    ) -> Iterator[str]:
        pieces: Iterator[str] = super()._iter_column_sql(  # type: ignore[misc]  # not in the stubs
            column_db_type, params, model, *args
        )
        if tenant_key(model):
            return (piece for piece in pieces if piece not in _OF_ONE_COLUMN)
        return pieces


class DatabaseFeatures(features.DatabaseFeatures):
    """Django's; grouping by `id` alone does not settle the other columns of a tenant-owned table."""

    def allows_group_by_selected_pks_on_model(self, model: type[models.Model]) -> bool:
        """Return whether the model's primary key as Django knows it is that of its table."""
        return super().allows_group_by_selected_pks_on_model(model) and not tenant_key(model)
