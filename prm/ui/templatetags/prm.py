"""Template tags and filters of the kit: ``{% load prm %}``. Usage: docs/ui.md."""

from collections.abc import Sequence
from datetime import date, datetime
from html import unescape
from typing import Any, Protocol

from django import template
from django.forms import BaseForm, BoundField
from django.template import Context
from django.template.base import render_value_in_context
from django.template.loader import render_to_string
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils.html import format_html_join, strip_tags
from django.utils.safestring import SafeString
from django_tables2.rows import BoundRow

from prm.core import urls
from prm.ui import charts, components, formatting
from prm.ui import icons as icon_set
from prm.ui.export import answers as export
from prm.ui.forms import row_context
from prm.ui.lists import Empty
from prm.ui.navigation import Navigation, navigation_for

register = template.Library()


class HasName(Protocol):
    """A tenant, as far as its mark goes."""

    @property
    def name(self) -> str: ...
    @property
    def slug(self) -> str: ...
    @property
    def colour(self) -> str: ...
    @property
    def logo(self) -> str: ...


# Numbers and dates
register.filter("money", formatting.money)
register.filter("money_short", formatting.money_short)
register.filter("percent", formatting.percent)
register.filter("signed", formatting.signed)
register.filter("day", formatting.day)
register.filter("moment", formatting.moment)
register.filter("clock", formatting.clock)
register.filter("month", formatting.month)
register.filter("ago", formatting.ago)
register.filter("number", formatting.number)
register.filter("nothing", formatting.nothing)
register.filter("breakable", formatting.breakable)
register.simple_tag(formatting.money_range, name="money_range")
register.simple_tag(formatting.percent_range, name="percent_range")
register.simple_tag(formatting.plural, name="plural")

# Pieces in a line
register.simple_tag(icon_set.icon, name="icon")
register.simple_tag(components.meter, name="meter")
register.simple_tag(components.status, name="status")
register.simple_tag(components.avatar, name="avatar")
register.simple_tag(components.kbd, name="kbd")
register.simple_tag(components.progressbar, name="progressbar")
register.simple_tag(components.legend, name="legend")
register.simple_tag(components.links, name="links")
register.simple_tag(charts.spark, name="spark")


@register.simple_tag
def row_attributes(row: BoundRow) -> SafeString:
    """Return the attributes of a table's row, without the library's classes for odd and even: no style has them."""
    found = {name: value for name, value in row.attrs.items() if name != "class" and value is not None}
    return format_html_join(" ", '{}="{}"', found.items())


@register.simple_tag(takes_context=True)
def cells(context: Context, row: BoundRow) -> SafeString:
    """Return the cells of a table's row. In a template the blanks between them were a sixth of a long list."""
    return format_html_join(
        "",
        "<td {}>{}</td>",
        (
            (column.attrs["td"].as_html(), render_value_in_context(cell, context))
            for column, cell in row.items()
        ),
    )


@register.filter
def money_cents(value: formatting.Numeric | None, currency: formatting.Currency = None) -> str:
    """Write a full amount with the decimals of its currency, for reconciliation."""
    return formatting.money_exact(value, currency)


@register.filter
def weekday_day(value: date | datetime | None) -> str:
    """``Fri 20 Nov``."""
    return formatting.day(value, weekday=True)


@register.simple_tag
def mark(tenant: HasName, size: str = "", *, letter: bool = False) -> SafeString:
    """Draw a tenant's picture or its coloured letter; the letter alone for who may not see the picture."""
    named = "" if letter else tenant.logo
    picture = urls.tenant_url(tenant, "company:logo", picture=named) if named else ""
    return components.mark(tenant.name, tenant.slug, size, colour=tenant.colour, picture=picture)


@register.simple_tag(takes_context=True)
def navigation(context: Context) -> Navigation | None:
    """Draw the navigation of the viewer; a view may name the active item by ``nav_key`` in its context."""
    ui = context.get("ui")
    request = context["request"]
    if ui is None or ui.sheet or not hasattr(request, "membership"):
        return None
    return navigation_for(request, nav_key=str(context.get("nav_key") or ""))


# Charts
def _chart_tag(name: str, template_name: str) -> None:
    def tag(drawing: object) -> dict[str, object]:
        return {"chart": drawing}

    register.inclusion_tag(f"components/charts/{template_name}", name=name)(tag)


_chart_tag("month_bars", "bars.html")
_chart_tag("labelled_bars", "bars.html")
_chart_tag("waterfall", "waterfall.html")
_chart_tag("part_of", "part_of.svg.html")
_chart_tag("axis_head", "axis_head.svg.html")
_chart_tag("interval", "interval.svg.html")
_chart_tag("position", "position.svg.html")
_chart_tag("trend", "trend.html")
_chart_tag("expectation", "expectation.html")


# Forms
@register.inclusion_tag("components/form_row.html")
def form_row(field: BoundField, **options: Any) -> dict[str, object]:
    """One field with label, hint and error; options: prm.ui.forms.row_context."""
    return row_context(field, **options)


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: BaseForm) -> dict[str, object]:
    """Draw the errors that belong to no field."""
    return {"errors": form.non_field_errors()}


@register.inclusion_tag("components/form_footer.html", takes_context=True)
def form_footer(context: Context, label: str, cancel_url: str = "", form_id: str = "") -> dict[str, object]:
    """Draw the save button with its keys; *cancel_url* shows only on the plain page."""
    return {"label": label, "cancel_url": cancel_url, "form_id": form_id, "ui": context.get("ui")}


# Pieces with content: what stands between the tags
@register.simple_block_tag
def expander(
    content: str,
    title: str,
    icon: str = "",
    note: str = "",
    open: object = False,  # noqa: A002 the word of the HTML attribute
) -> SafeString:
    """Return a part of a form that opens on demand; works without script (``<details>``)."""
    values = {"content": content, "title": title, "icon": icon, "note": note, "open": bool(open)}
    return render_to_string("components/expander.html", values)


@register.simple_block_tag
def notice(content: str, *, title: str = "", kind: str = "info", icon: str = "info-circle") -> SafeString:
    """Return a tinted line of advice; kinds are info, warn, bad (said at once) and good."""
    values = {"content": SafeString(content.strip()), "title": title, "kind": kind, "icon": icon}  # nosec B703 # rendered by a template that escapes
    return render_to_string("components/notice.html", values)


@register.simple_block_tag
def blank_state(
    content: str,
    title: str,
    icon: str = "list-details",
    action_url: str = "",
    action_label: str = "",
    action_icon: str = "plus",
    action_sheet: bool = False,
) -> SafeString:
    """Return what stands where nothing is yet: why, and the one action (then the page's primary button)."""
    empty = Empty(
        title,
        SafeString(content.strip()),  # nosec B703 # rendered by a template that escapes
        icon,
        action_url,
        action_label,
        action_sheet,
        action_icon,
    )
    return render_to_string("components/empty.html", {"empty": empty})


@register.simple_tag(takes_context=True)
def tenant_url(context: Context, name: str, **arguments: object) -> str:
    """Return the path of a page of the tenant whose page this is; an unknown name raises, as `url` does."""
    return urls.tenant_url(context["request"].tenant, name, **arguments)


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: object) -> str:
    """Return the present query string with *changes*; None removes a key. Starts with ``?``."""
    params = context["request"].GET.copy()
    for key, value in changes.items():
        if value is None:
            params.pop(key, None)
        else:
            params[key] = str(value)
    return f"?{params.urlencode()}"


@register.inclusion_tag("components/exports.html", takes_context=True)
def exports(context: Context, what: str, **which: str) -> dict[str, object]:
    """Link to a list that this page draws, as files; *which* tells lists of one page apart (`export.links`)."""
    return {"exports": export.links(context["request"], **which), "what": what}


@register.filter
def pairs(value: object) -> Sequence[tuple[object, object]]:
    """Return the (key, value) pairs of a mapping, for loops."""
    return list(value.items()) if isinstance(value, dict) else []


@register.simple_tag(takes_context=True)
def block_words(context: Context, name: str) -> str:
    """Return the words of a block of the page, without markup: the tab's title repeats the heading."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    block = blocks.get_block(name) if blocks is not None else None
    return " ".join(unescape(strip_tags(block.render(context))).split()) if block else ""
