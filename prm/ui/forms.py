"""How one form field is drawn: label above, hint below, an error in the hint's place."""

from collections.abc import Mapping
from copy import copy

from django.forms import (
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    ClearableFileInput,
    NumberInput,
    PasswordInput,
    RadioSelect,
    Select,
    Textarea,
)

from prm.ui.formatting import Currency, currency_symbol

DJANGO_ROWS = "10"  # what Django gives every text area; three lines are our start


def field_kind(field: BoundField) -> str:
    """segments, chips, check, select, area, file, password or text; taken from the widget."""
    widget = field.field.widget
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return "segments" if "segments" in widget.attrs.get("class", "") else "chips"
    by_class: Mapping[type, str] = {
        CheckboxInput: "check",
        Select: "select",
        Textarea: "area",
        ClearableFileInput: "file",
        PasswordInput: "password",
    }
    return next((kind for cls, kind in by_class.items() if isinstance(widget, cls)), "text")


def _icons(spec: str) -> dict[str, str]:
    """``"phone:phone,video:video"`` → choice value to icon name."""
    return dict(pair.split(":", 1) for pair in spec.split(",")) if spec else {}


def row_context(  # noqa: PLR0913 the options of one template tag
    field: BoundField,
    *,
    label: str = "",
    hint: str | None = None,
    optional: bool | None = None,
    money: Currency = None,
    icons: str = "",
    side_url: str = "",
    side_label: str = "",
    autofocus: bool = False,
    hide_label: bool = False,
    placeholder: str | None = None,
) -> dict[str, object]:
    """Return what components/form_row.html needs; the options are those of ``{% form_row %}``."""
    kind = field_kind(field)
    identity = field.auto_id or field.html_name
    hint = str(field.help_text or "") if hint is None else hint
    errors = list(field.errors)
    hint_id = f"{identity}-hint" if hint or errors else ""
    is_optional = (not field.field.required) if optional is None else optional
    return {
        "field": field,
        "kind": kind,
        "group": kind in {"segments", "chips"},
        "label": label or field.label,
        "hint": hint,
        "errors": errors,
        "hint_id": hint_id,
        "optional": is_optional and kind != "check",
        "control": _control(field, kind, hint_id, money=money, autofocus=autofocus, placeholder=placeholder),
        "affix": currency_symbol(money) if money is not None else "",
        "options": _options(field, _icons(icons)) if kind in {"segments", "chips"} else [],
        "side_url": side_url,
        "side_label": side_label,
        "hide_label": hide_label,
    }


def _control(
    field: BoundField,
    kind: str,
    hint_id: str,
    *,
    money: Currency,
    autofocus: bool,
    placeholder: str | None,
) -> str:
    if kind in {"segments", "chips"}:
        return ""
    css = {"check": "prm-check-box", "select": "prm-input prm-select"}.get(kind, "prm-input")
    widget = field.field.widget
    attrs: dict[str, str | bool] = {"class": f"{css} {widget.attrs.get('class', '')}".strip()}
    if hint_id:
        attrs["aria-describedby"] = hint_id
    if field.errors:
        attrs["aria-invalid"] = "true"
    if money is not None:
        attrs["inputmode"] = "decimal"
    if kind == "area" and str(widget.attrs.get("rows")) == DJANGO_ROWS:
        attrs["rows"] = "3"
    if autofocus:
        attrs["autofocus"] = True
    if placeholder is not None:
        attrs["placeholder"] = placeholder
    if money is not None and isinstance(widget, NumberInput):
        # A number field would hide what cannot be read, and the reader could not correct it.
        widget = copy(widget)
        widget.input_type = "text"
    return field.as_widget(widget=widget, attrs=attrs)


def _options(field: BoundField, icons: Mapping[str, str]) -> list[dict[str, object]]:
    """Return the choices of a group; Django's empty choice ("---------") is not one."""
    options = []
    for option in field.subwidgets:
        value = str(option.data["value"])
        if value == "":
            continue
        options.append(
            {
                "id": option.id_for_label,
                "name": option.data["name"],
                "type": option.data["type"],
                "value": value,
                "checked": option.data["selected"],
                "label": option.data["label"],
                "icon": icons.get(value, ""),
                "required": bool(option.data["attrs"].get("required")),
                "disabled": bool(option.data["attrs"].get("disabled")),
            }
        )
    return options
