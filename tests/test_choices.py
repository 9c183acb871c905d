"""Whoever chooses one of a tenant's rows types a few letters of it: no select grows with the tenant."""

import importlib
import inspect
import pkgutil

import pytest
from django import forms
from django_filters import FilterSet, ModelChoiceFilter

from prm.core.registry import our_apps
from prm.ui.pickers.fields import PickerField

SMALL = {
    "prm.audit.pages.forms.TrailForm.kind": "kinds of rows whose changes are kept: as many for every tenant",
    "partners.bulk.forms.OwnForm.field": "the fields that a tenant has added: at most 30",
    "orders.doors.forms.DoorForm.source": "systems that send orders: a handful, made by an administrator",
    "orders.book.filters.OrderFilter.source": "systems that send orders: a handful, made by an administrator",
    "orders.book.filters.OrderPageFilter.source": "as above",
    "activities.lists.runs.forms.BringForm.kind": "the lists that the apps take: a dozen for every tenant",
    "orders.reconciliation.forms.TotalsForm.source": "systems that send orders, as above",
    "orders.samples.forms.ReadingsForm.currency": "the currencies of ISO 4217: as many for every tenant",
    "activities.quick_log.forms.VisitForm.met": "the people at one partner",
    "activities.quick_log.forms.LogForm.partner": "hidden: chosen on the page before, by typing",
    "activities.market.competition.forms.InsightForm.competitor": "the six most used; others are typed",
    "activities.market.competition.forms.InsightForm.differentiators": "the six most used; others are typed",
    "activities.market.competition.forms.InsightPageForm.currency": "the currencies of ISO 4217, as above",
    "activities.market.budgets.forms.BudgetForm.opportunity": "the open ones of one partner",
    "activities.campaigns.pages.forms.FilterForm.view": "saved views that one person sees, at most a hundred",
    "prm.digest.pages.forms.ChoiceForm.weekday": "the seven days of the week, with what is usual here",
    "prm.digest.pages.forms.ChoiceForm.timezone": "places whose time is kept: as many for every tenant",
    "prm.digest.pages.forms.ChoiceForm.topics": "what the apps tell: a dozen for every tenant",
    "activities.market.budgets.forms.OrdersForm.orders": "orders of one partner of about a year, at most 200",
}


def classes(base):
    """Return the forms, or filter sets, that our apps define."""
    for app in our_apps():
        for found in pkgutil.walk_packages(app.module.__path__, f"{app.name}."):
            if found.name.rpartition(".")[2] not in {"forms", "filters", "door"}:
                continue
            for one in vars(importlib.import_module(found.name)).values():
                if inspect.isclass(one) and issubclass(one, base) and one.__module__ == found.name:
                    yield one


def choices_that_grow():
    """Return the fields and filters that offer rows of a model, or choices that only a request knows."""
    for form in classes(forms.BaseForm):
        own = vars(form).get("declared_fields", {}) or form.base_fields
        for name, field in own.items():
            inherited = any(getattr(base, "base_fields", {}).get(name) is field for base in form.__mro__[1:])
            grows = isinstance(field, forms.ModelChoiceField) or (
                isinstance(field, forms.ChoiceField) and not list(field.choices)
            )
            if grows and not inherited and not isinstance(field, PickerField):
                yield f"{form.__module__}.{form.__qualname__}.{name}"
    for filters in classes(FilterSet):
        for name, one in filters.base_filters.items():
            picked = issubclass(one.field_class, PickerField)
            open_choice = issubclass(one.field_class, forms.ChoiceField) and "choices" not in one.extra
            if not picked and (isinstance(one, ModelChoiceFilter) or open_choice):
                yield f"{filters.__module__}.{filters.__qualname__}.{name}"


def test_no_select_grows_with_the_tenant():
    assert set(choices_that_grow()) == set(SMALL)


@pytest.mark.parametrize("base", [forms.BaseForm, FilterSet])
def test_the_walk_sees_the_forms(base):
    assert len(list(classes(base))) > 3
