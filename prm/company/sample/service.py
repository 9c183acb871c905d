"""Writes of sample data: asked for, filled step by step, removed as a whole."""

import logging
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Final

from django.apps import apps
from django.db import transaction

from prm.accounts.rights import Right
from prm.company.sample.closure import filled_models, going, is_told, model_of, resting_on_it
from prm.company.sample.models import SampleData, SampleRow
from prm.company.sample.queries import sample_data
from prm.company.sample.signals import sample_removed, sample_removing
from prm.company.sample.states import SampleState
from prm.core.errors import Refused
from prm.core.locks import lock_tenant
from prm.tenancy.context import Actor, acting_as, current_actor, current_tenant
from prm.tenancy.models import Tenant
from prm.tenancy.signals import sample_filling
from prm.tenancy.tasks import send_task
from prm.tenancy.use_cases import needs_no_right, requires

SIZE: Final = 40
"""Partners."""
# Apps whose `demo.py` makes what a company would have by itself; others connect to somewhere, or bring files.
_APPS: Final = ("partners", "orders", "activities")
_BATCH: Final = 2_000

logger = logging.getLogger("prm.company")


@needs_no_right("reads, before an organisation is connected to another system")
def refuse_with_sample_data() -> None:
    """Raise `Refused` where sample data is in: it would go to the other system as if it were real."""
    if sample_data() is not None:
        raise Refused(
            "This organisation holds sample data, which would go there as if it were real. Remove it first, under Set-up.",
            code="sample_data",
        )


@requires(Right.SETTINGS_EDIT)
@transaction.atomic
def ask_to_fill() -> SampleData:
    """Have the organisation filled with sample data. Raises `Refused` where it is, or holds anything of its own."""
    lock_tenant("sample", current_tenant().pk)
    if (found := sample_data()) is not None:
        raise Refused(f"{found} already.", code="sample_data")
    sample_filling.send(sender=Tenant)
    sample: SampleData = SampleData.objects.create(
        steps=len(list(_steps())), kept=_kept(), by_name=current_actor().label[:160]
    )
    send_task("company.fill_sample")
    return sample


@requires(Right.SETTINGS_EDIT)
@transaction.atomic
def ask_to_remove() -> SampleData:
    """Have the sample data removed. Raises `Refused`, naming it, where something real rests on it."""
    lock_tenant("sample", current_tenant().pk)
    sample = sample_data()
    if sample is None:
        raise Refused("There is no sample data here.", code="gone")
    if sample.is_under_way:
        raise Refused("It is under way. Wait until that is done.", code="waits")
    _refuse_to_leave_hanging()
    sample.state, sample.steps, sample.steps_done, sample.message = SampleState.REMOVING, 1, 0, ""
    sample.step = "Removing it"
    sample.save()
    send_task("company.remove_sample")
    return sample


@requires()
def fill_step() -> bool:
    """Do the next step of filling; return whether there is another. A step that fails is noted, and ends it."""
    with transaction.atomic():
        sample = sample_data()
    if sample is None or sample.state != SampleState.FILLING:
        return False
    steps = list(_steps())
    if sample.steps_done >= len(steps):
        with transaction.atomic():
            _note_rows(sample)
            _save(sample, state=SampleState.FILLED, step="")
        return False
    words, work = steps[sample.steps_done]
    with transaction.atomic():
        _save(sample, step=words)
    try:
        with acting_as(Actor(kind="task", door="sample", label=sample.label)):
            work(current_tenant())
    except Exception as error:
        with transaction.atomic():
            _note_rows(sample)
            _save(sample, state=SampleState.FAILED, message=f"{words}: {type(error).__name__}.")
        logger.exception("sample data of %s: %s", current_tenant().slug, words)
        return False
    with transaction.atomic():
        _save(sample, steps_done=sample.steps_done + 1)
    return True


@requires()
def remove_all() -> None:
    """Remove what was filled, all of it or nothing; refused meanwhile, it says why and stays."""
    try:
        with transaction.atomic():
            lock_tenant("sample", current_tenant().pk)
            sample = sample_data()
            if sample is None or sample.state != SampleState.REMOVING:
                return
            _refuse_to_leave_hanging()
            for model in filled_models():
                model.objects.filter(going(model)).delete()
            sample.delete()
            sample_removed.send(sender=Tenant)
    except Refused as refused:
        with transaction.atomic():
            sample = sample_data()
            if sample is not None:
                _save(sample, state=SampleState.FILLED, message=refused.message)


def _refuse_to_leave_hanging() -> None:
    if found := resting_on_it(filled_models()):
        raise Refused(
            f"Your own entries rest on it: {', '.join(found)}. Remove them, or give them to partners of your own; then "
            "the sample data can go.",
            code="depended_on",
        )
    sample_removing.send(sender=Tenant)


def _save(sample: SampleData, **values: object) -> None:
    for name, value in values.items():
        setattr(sample, name, value)
    sample.save(update_fields=list(values))


# --- what is filled -----------------------------------------------------------------------------


def _modules() -> Iterator[object]:
    for config in apps.get_app_configs():
        if config.name in _APPS and find_spec(f"{config.name}.demo"):
            yield import_module(f"{config.name}.demo")


def _steps() -> Iterator[tuple[str, Callable[[Tenant], None]]]:
    """Yield words and work of each step: every app's `fill`, then every app's `settle`, as the demo does."""
    modules = list(_modules())
    for module in modules:
        if fill := getattr(module, "fill", None):
            yield _first_line(fill), partial(fill, size=SIZE)
    for module in modules:
        if settle := getattr(module, "settle", None):
            yield _first_line(settle), settle


def _first_line(function: Callable[..., None]) -> str:
    return (function.__doc__ or "").strip().partition("\n")[0].rstrip(".")[:200]


def _untold() -> Sequence[str]:
    """Return the labels of models that are filled and that the audit trail does not tell of."""
    return [label for module in _modules() for label in getattr(module, "UNTOLD", ())]


def _kept() -> dict[str, list[str]]:
    return {
        label: [str(pk) for pk in model_of(label).objects.values_list("pk", flat=True)] for label in _untold()
    }


def _note_rows(sample: SampleData) -> None:
    """Keep which rows were filled, as the audit trail tells it, or else by what was there before."""
    for model in filled_models():
        if is_told(model):
            events = model.pgh_event_model.objects.filter(  # type: ignore[attr-defined]  # set by pghistory
                pgh_label="insert", pgh_context__label=sample.label
            )
            ids = events.values_list("pgh_obj_id", flat=True)
        elif model._meta.label in sample.kept:
            ids = model.objects.exclude(pk__in=sample.kept[model._meta.label]).values_list("pk", flat=True)
        else:
            continue
        rows = (SampleRow(sample=sample, model=model._meta.label, row_id=pk) for pk in ids.iterator())
        SampleRow.objects.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)
