"""What of a tenant is sample data."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from prm.company.sample.models import SampleData, SampleRow

M = TypeVar("M", bound=Model)


def sample_data() -> SampleData | None:
    """Return the filling of the tenant in scope, if there is one."""
    found: SampleData | None = SampleData.objects.first()
    return found


def sample_ids(model: type[Model]) -> QuerySet[SampleRow, object]:
    """Return the ids of the rows of a model that were filled."""
    return SampleRow.objects.filter(model=model._meta.label).values("row_id")


def own_rows(rows: QuerySet[M]) -> QuerySet[M]:
    """Keep the rows that were not filled; while they are being filled, which nobody can tell yet, keep none."""
    filling = sample_data()
    if filling is None:
        return rows
    return rows.none() if filling.is_under_way else rows.exclude(pk__in=sample_ids(rows.model))
