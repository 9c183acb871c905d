"""Which rows go with the sample data, and which of the tenant's own rest on it, found by the models' references."""

from collections.abc import Iterator, Sequence
from graphlib import TopologicalSorter
from typing import Final, cast

from django.apps import apps
from django.db.models import CASCADE, Model, Q

from prm.company.sample.queries import sample_ids
from prm.core.registry import our_apps
from prm.tenancy.base import TenantForeignKey, TenantModel
from prm.ui.formatting import plural

# Work of PRM's own that follows from rows goes with them.
_PROGRAMS: Final = ("task", "system")
_ABOVE: Final = frozenset({"tenancy", "accounts", "company", "salesforce"})


def filled_models() -> Sequence[type[TenantModel]]:
    """Return the models of the domain's apps, those that refer to others first."""
    found = {
        model
        for config in our_apps()
        if config.label not in _ABOVE
        for model in config.get_models()
        if issubclass(model, TenantModel)
    }
    order: TopologicalSorter[type[TenantModel]] = TopologicalSorter()
    for model in sorted(found, key=lambda each: each._meta.label):
        order.add(model)
        for key in _keys(model):
            if key.related_model in found and key.related_model is not model:
                order.add(key.related_model, model)
    return list(order.static_order())


def is_told(model: type[Model]) -> bool:
    """Return whether the audit trail tells of a model's rows."""
    return hasattr(model, "pgh_event_model")


def _keys(model: type[Model]) -> Iterator[TenantForeignKey]:
    for field in model._meta.local_fields:
        if isinstance(field, TenantForeignKey):
            yield field


def _target(key: TenantForeignKey) -> type[TenantModel]:
    return cast("type[TenantModel]", key.related_model)


def going(model: type[TenantModel], seen: frozenset[type[Model]] = frozenset()) -> Q:
    """Return which rows of a model go: those that were filled, and what belongs to rows that go."""
    pk = model._meta.pk
    # A row that is named by others alone was not kept by an id of its own.
    found = Q(pk__in=sample_ids(model)) if pk is not None and pk.name == "id" else Q(pk__in=[])
    for key in _keys(model):
        parent = _target(key)
        if key.remote_field.on_delete is not CASCADE or parent is model or parent in seen:
            continue
        if parent._meta.app_label not in _ABOVE:
            rows = parent._default_manager.filter(going(parent, seen | {model})).values("pk")
            found |= Q(**{f"{key.name}__in": rows})
    return found


def resting_on_it(models: Sequence[type[TenantModel]]) -> list[str]:
    """Say which of the tenant's own rows rest on sample data: "2 visits"; [] when none does."""
    found = []
    for model in models:
        count = _own_count(model)
        if count:
            names = str(model._meta.verbose_name), str(model._meta.verbose_name_plural)
            found.append(plural(count, *names))
    return sorted(found)


def _own_count(model: type[TenantModel]) -> int:
    refers = Q()
    for key in _keys(model):
        parent = _target(key)
        belongs = key.remote_field.on_delete is CASCADE and not is_told(model)
        if parent._meta.app_label not in _ABOVE and not belongs:
            rows = parent._default_manager.filter(going(parent)).values("pk")
            refers |= Q(**{f"{key.name}__in": rows})
    if not refers:
        return 0
    if not is_told(model):
        return model.objects.filter(refers).exclude(going(model)).count()
    own = model.objects.filter(refers).exclude(pk__in=sample_ids(model))
    events = model.pgh_event_model.objects.filter(  # type: ignore[attr-defined]  # set by pghistory
        pgh_label="insert", pgh_context__kind__in=_PROGRAMS
    )
    return own.exclude(pk__in=events.values("pgh_obj_id")).count()


def model_of(label: str) -> type[TenantModel]:
    """Return the model with this label. Raises LookupError."""
    found: type[TenantModel] = apps.get_model(label)
    return found
