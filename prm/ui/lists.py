"""List pages: a FilterSet, a table, chips that read as sentences, and what to do when none match.

The state lives in the URL. htmx swaps ``#list`` only; the chips follow out of band.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar, TypeVar, overload

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.forms import Form, ModelChoiceField
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.views.generic.base import TemplateResponseMixin, View
from django_filters import FilterSet
from django_tables2 import Table
from django_tables2.views import SingleTableMixin

from prm.core.listing.ordering import ended
from prm.ui.export import answers as export
from prm.ui.formatting import number
from prm.ui.http import target
from prm.ui.pickers.fields import PickerField

Row = TypeVar("Row")
M = TypeVar("M", bound=Model)
LIST_ID = "list"
SWAP_TEMPLATE = "components/list_swap.html"
MOST_ROWS = 200

_LOOKUP_WORDS = {
    "exact": "is",
    "iexact": "is",
    "gte": "from",
    "gt": "above",
    "lte": "to",
    "lt": "below",
    "icontains": "contains",
    "contains": "contains",
    "istartswith": "starts with",
    "in": "is",
}
_SUFFIXES = ("", "_words", "_min", "_max", "_after", "_before", "_0", "_1")


@dataclass(frozen=True)
class Empty:
    """What an empty list says: why it is empty, what it will show, one action."""

    title: str
    text: str
    icon: str = "list-details"
    action_url: str = ""
    action_label: str = ""
    action_sheet: bool = False
    action_icon: str = "plus"


@dataclass(frozen=True)
class Chip:
    """One active filter: "Price" "from $50,000", and the query without it."""

    name: str
    label: str
    words: str
    drop: str


@dataclass(frozen=True)
class NoMatch:
    """Which filter to drop, and what that yields."""

    title: str
    text: str
    drop_url: str
    clear_url: str


def chips(filterset: FilterSet | None, query: QueryDict) -> list[Chip]:
    """Return the active filters of a valid FilterSet, in its order; the search field ``q`` is no chip."""
    if filterset is None or not filterset.is_bound or not filterset.form.is_valid():
        return []
    found = []
    for name, one in filterset.filters.items():
        value = filterset.form.cleaned_data.get(name)
        if name == "q" or not _is_set(value):
            continue
        own = getattr(filterset, "chip_words", None)
        words = own(name, value) if own else None
        found.append(
            Chip(
                name,
                str(one.label or name.replace("_", " ").capitalize()),
                words or _words(filterset, name, value),
                f"?{_without(query, [name]).urlencode()}",
            )
        )
    return found


def _say_any(form: Form) -> None:
    """Not choosing means "Any" in a filter, not dashes and not "Unknown"."""
    for field in form.fields.values():
        if isinstance(field, PickerField):
            field.widget.empty_label = "Any"
            continue
        if isinstance(field, ModelChoiceField):
            if field.empty_label is not None:
                field.empty_label = "Any"
            continue
        choices = list(getattr(field.widget, "choices", ()))
        if choices and choices[0][0] in ("", "unknown"):
            field.widget.choices = [("", "Any"), *choices[1:]]


def _is_set(value: object) -> bool:
    if isinstance(value, slice):
        return value.start is not None or value.stop is not None
    if isinstance(value, QuerySet):
        return value.exists()
    return value not in (None, "", [], ())


def _words(filterset: FilterSet, name: str, value: object) -> str:
    if isinstance(value, slice):
        parts = [("from", value.start), ("to", value.stop)]
        return " ".join(f"{word} {_plain(part)}" for word, part in parts if part is not None)
    lookup = _LOOKUP_WORDS.get(filterset.filters[name].lookup_expr, "is")
    field = filterset.form.fields[name]
    values = value if isinstance(value, list | tuple | QuerySet) else [value]
    if hasattr(field, "queryset"):
        words = [one if isinstance(one, str) else field.label_from_instance(one) for one in values]
    else:
        # Fixed choices are plain words in the middle of a sentence; rows of a table are names.
        choices = dict(_flat(getattr(field, "choices", ())))
        words = [choices.get(str(one), _plain(one)) for one in values]
        words = [word[:1].lower() + word[1:] for word in words]
    return f"{lookup} {' or '.join(words)}"


def _flat(choices: Iterable[tuple[object, object]]) -> Iterable[tuple[str, str]]:
    for key, label in choices:
        if isinstance(label, list | tuple):
            yield from _flat(label)
        else:
            yield str(getattr(key, "value", key)), str(label)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        return number(value)
    return str(value)


def _without(query: QueryDict, names: Iterable[str]) -> QueryDict:
    """Return a copy of the query without these filters and the page."""
    rest = query.copy()
    for name in names:
        for suffix in _SUFFIXES:
            rest.pop(f"{name}{suffix}", None)
    rest.pop("page", None)
    return rest


@overload
def page_of(rows: QuerySet[M], asked: str | None, per_page: int) -> Page[M]: ...
@overload
def page_of(rows: Sequence[Row], asked: str | None, per_page: int) -> Page[Row]: ...
def page_of(  # type: ignore[misc]  # rows of either kind give pages of that kind
    rows: Sequence[object] | QuerySet[Model], asked: str | None, per_page: int
) -> Page[object]:
    """Cut a list outside of a table into pages; returns the one that was asked for, the first for nonsense.

    A queryset ends its order with a unique key. A sequence is in the order that its maker gave it.
    """
    cut: Paginator[object] = Paginator(ended(rows) if isinstance(rows, QuerySet) else rows, per_page)
    return cut.get_page(asked)


class _Pages(Paginator):  # type: ignore[type-arg]  # a subscript fails at run time
    """Pages of 1 to 200 rows, whatever number the address asks for, of rows counted before."""

    def __init__(self, object_list: Sequence[Model] | QuerySet[Model], per_page: int, *, count: int) -> None:
        super().__init__(object_list, min(max(per_page, 1), MOST_ROWS))
        self.count = count


class ListPage(SingleTableMixin, TemplateResponseMixin, View):
    """A list with filters. Set ``table_class``, ``template_name``, ``get_queryset``; see docs/ui.md.

    ``nouns``: one and many, for sentences. ``empty``: shown when there is nothing at all.
    ``most_counted``: beyond so many rows nothing is counted or summed, and only the columns of
    ``quick_sorts`` (which have an index) sort, so that a page costs the same however long its list is.
    ``export``: a format, for an address that answers nothing but the file.
    """

    http_method_names = ["get", "head", "options"]
    filterset_class: type[FilterSet] | None = None
    table_pagination: ClassVar[Mapping[str, object]] = {"per_page": 50}
    most_counted: int | None = None
    quick_sorts: Collection[str] = ()
    nouns: tuple[str, str] = ("row", "rows")
    empty: Empty = Empty("Nothing here yet", "")
    export: str = ""
    request: HttpRequest

    def get_queryset(self) -> QuerySet[Model]:
        """All rows the member may see, unfiltered."""
        raise NotImplementedError

    def get_nouns(self) -> tuple[str, str]:
        """One and many; override for the tenant's own words."""
        return self.nouns

    def get_empty(self) -> Empty:
        """Return what to say when there is nothing at all."""
        return self.empty

    def totals(self, queryset: QuerySet[Any]) -> str:
        """Words about the filtered set for the footer; "" for none. One query at most."""
        del queryset
        return ""

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Return the page, or for htmx on ``#list`` the list with chips out of band, or all of it as a file."""
        del args, kwargs
        queryset = self.get_queryset()
        self.filterset = None
        if self.filterset_class:
            self.filterset = self.filterset_class(
                data=request.GET or None, queryset=queryset, request=request
            )
            _say_any(self.filterset.form)
        self.object_list = self._filtered(queryset)
        counted = self._count(self.object_list)
        self.more = self.most_counted is not None and counted > self.most_counted
        self.count = counted - 1 if self.more else counted
        if wanted := self.export or export.asked(request):
            return self._exported(wanted)
        return self.render_to_response(self.get_context_data())

    def _exported(self, wanted: str) -> HttpResponseBase:
        """Return what the list shows, all pages of it, as a file. A filter that cannot be read is refused."""
        if self.filterset is not None and self.filterset.is_bound and not self.filterset.is_valid():
            words = f"A filter cannot be read: {', '.join(self.filterset.errors)}."
            return HttpResponse(words, status=400, content_type="text/plain; charset=utf-8")
        self.object_list = self.for_export(self.object_list)
        rows = self.object_list.count() if self.more and wanted == "xlsx" else self.count
        return export.exported(
            wanted, self.get_table(**self.get_table_kwargs()).sheet(self.get_nouns()[1]), rows=rows
        )

    def for_export(self, queryset: QuerySet[Model]) -> QuerySet[Model]:
        """Load what an exported list needs besides what its page does."""
        return queryset

    def _filtered(self, queryset: QuerySet[Model]) -> QuerySet[Model]:
        if self.filterset is None or not self.filterset.is_bound:
            return queryset
        found: QuerySet[Model] = self.filterset.qs if self.filterset.is_valid() else queryset.none()
        return found

    def _count(self, queryset: QuerySet[Model]) -> int:
        """How many rows there are; one more than ``most_counted`` stands for "more"."""
        if self.most_counted is None:
            return queryset.count()
        return queryset.order_by()[: self.most_counted + 1].count()

    def get_table_kwargs(self) -> dict[str, object]:
        """Return the tenant, for currencies, and which columns sort."""
        return {
            "tenant": getattr(self.request, "tenant", None),
            "sortable": self.quick_sorts if self.more else None,
        }

    def get_table_pagination(self, table: Table) -> dict[str, object]:
        """Return the list's own rows per page, or what the address asks for within bounds."""
        pages = partial(_Pages, count=self.count)
        return {**super().get_table_pagination(table), "paginator_class": pages}

    def get_template_names(self) -> list[str]:
        """Return the swap template when htmx asks for the list alone."""
        if target(self.request) == LIST_ID:
            return [SWAP_TEMPLATE]
        return super().get_template_names()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """``table``, ``filter``, ``chips``, ``no_match``, ``totals`` and the words of the list."""
        table = self.get_table(**self.get_table_kwargs())
        active = chips(self.filterset, self.request.GET)
        count = self.count
        searched = self.filterset is not None and bool(self.request.GET.get("q"))
        return {
            "view": self,
            "table": table,
            "filter": self.filterset,
            "chips": active,
            "count": count,
            "more": self.more,
            "nouns": self.get_nouns(),
            "empty": self.get_empty(),
            "no_match": self._no_match(active) if not count and (active or searched) else None,
            "filter_errors": bool(self.filterset is not None and self.filterset.errors),
            "totals": self._totals(),
            "exports": export.links(self.request),
            "keep_form": getattr(self.request, "htmx", None) and self.request.htmx.trigger == "filter-form",  # type: ignore[attr-defined]
            **kwargs,
        }

    def _totals(self) -> str:
        if self.more:
            return f"filter for totals and sorting, up to {number(self.count)} {self.get_nouns()[1]}"
        return self.totals(self.object_list) if self.count else ""

    def _no_match(self, active: list[Chip]) -> NoMatch:
        """Try each filter's absence: as many counts as there are active filters."""
        many = self.get_nouns()[1]
        query = self.request.GET
        tried = [(chip.label, chip.words, [chip.name]) for chip in active]
        if query.get("q"):
            tried.append(("Search", f"“{query['q']}”", ["q"]))
        yields = [(self._count_without(names), label, words, names) for label, words, names in tried]
        best, label, words, names = max(yields, key=lambda one: one[0])
        count = len(tried)
        more = self.most_counted is not None and best > self.most_counted
        text = (
            f"Without “{label} {words}” there are {f'more than {number(best - 1)}' if more else number(best)}."
            if best
            else "No single filter is to blame: take several away."
        )
        filters = f"these {count} filters" if count > 1 else "this filter"
        return NoMatch(
            title=f"No {many} match {filters}",
            text=text,
            drop_url=f"?{_without(query, names).urlencode()}" if best else "",
            clear_url=f"?{_without(query, [name for *_, names in tried for name in names]).urlencode()}",
        )

    def _count_without(self, names: Iterable[str]) -> int:
        assert self.filterset_class
        data = _without(self.request.GET, names)
        filterset = self.filterset_class(data=data, queryset=self.get_queryset(), request=self.request)
        return self._count(filterset.qs) if filterset.is_valid() else 0


__all__ = ["Chip", "Empty", "ListPage", "NoMatch", "Page", "chips", "page_of"]
