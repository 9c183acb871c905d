"""Pages, tables and forms as HTML."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from urllib.parse import quote, urlencode

from prm.sandbox.kit.types import Row, Value
from prm.sandbox.schema.models import Entity, Field
from prm.sandbox.schema.values import show_value

INTRO = (
    "<p>This is a local stand-in for a Salesforce org. What you change here is changed by its administrator, "
    "and arrives in the application when it next reads the org.</p>"
)


def switches_link(base: str) -> str:
    """Return the way to what can be made difficult."""
    return f'<p><a href="{base}/__sandbox__/">Make it difficult</a>: hide fields, lock records, lose answers, move the org. Delete and merge on a record’s page; what is deleted is in the list’s recycle bin.</p>'


def page(title: str, body: str, *, org_name: str, base: str, small: str) -> str:
    """Return a whole page; `small` stands beside the org's name, `base` is the org's path."""
    name = escape(org_name)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)} – sandbox org {name}'
        f'</title><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="stylesheet" href="{base}/style.css"></head><body><header><p><a href="{base}/">Sandbox org {name}'
        f"</a> <span class=small>{escape(small)}</span></p></header>"
        f"<main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )


def _table(head: str, rows: Iterable[str]) -> str:
    return (
        f"<div class=scroll><table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def object_table(counted: Iterable[tuple[Entity, Value]], base: str) -> str:
    """Return the objects with how many records they have."""
    head = "<th scope=col>Object</th><th scope=col>API name</th><th scope=col class=number>Records</th>"
    rows = (
        f'<tr><td><a href="{base}/{entity.name}">{escape(entity.titles)}</a></td><td>{escape(entity.name)}</td>'
        f"<td class=number>{count}</td></tr>"
        for entity, count in counted
    )
    return _table(head, rows)


def shown_columns(entity: Entity) -> list[Field]:
    """Return the fields a list shows: the name, a few usual ones, custom ones, the stamp."""
    custom = [name for name, each in entity.fields.items() if each.custom and not each.long_text]
    usual = ("StageName", "Amount", "CloseDate", "ActivityDate", "StartDateTime", "Email", "SystemModstamp")
    known = [name for name in (entity.name_field, *usual) if name in entity.fields]
    # A name may occur twice; a dictionary keeps the first place.
    return [entity.fields[name] for name in dict.fromkeys([*known[:4], *custom[:5], "SystemModstamp"])]


def record_table(entity: Entity, rows: Iterable[Row], base: str) -> str:
    """Return a list of records."""
    columns = shown_columns(entity)
    head = "".join(f"<th scope=col>{escape(each.title)}</th>" for each in columns)
    return _table(head, (_record_row(entity, columns, row, base) for row in rows))


def _shown(field: Field, value: Value, empty: str) -> str:
    return escape(empty if value is None else str(show_value(field, value)))


def _record_row(entity: Entity, columns: list[Field], row: Row, base: str) -> str:
    cells = [_shown(each, row[each.name], "") for each in columns]
    cells[0] = f'<a href="{base}/{entity.name}/{row["Id"]}">{cells[0] or row["Id"]}</a>'
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def search_form(entity: Entity, asked: str, base: str, *, in_bin: bool) -> str:
    """Return the form that finds records by name or id."""
    hidden = "<input type=hidden name=bin value=1>" if in_bin else ""
    return (
        f'<form method=get action="{base}/{entity.name}">{hidden}<label for=q>Find by name or id</label>'
        f'<input id=q name=q value="{escape(asked)}"> <button>Find</button></form>'
    )


def bin_link(entity: Entity, base: str, *, in_bin: bool) -> str:
    """Return the way to the recycle bin, and back."""
    if in_bin:
        return f'<p><a href="{base}/{entity.name}">{escape(entity.titles)} that are not deleted</a></p>'
    return f'<p><a href="{base}/{entity.name}?bin=1">Recycle bin</a></p>'


def in_bin(entity: Entity, row: Row, base: str) -> str:
    """Return what is shown of a record that was deleted, or merged into another one, and the way back."""
    master = row.get("MasterRecordId")
    words = "This record is in the recycle bin."
    if master:
        into = f'<a href="{base}/{entity.name}/{quote(str(master))}">{escape(str(master))}</a>'
        words = f"This record was merged into {into}."
    action = f"{base}/{entity.name}/{quote(str(row['Id']))}"
    button = "<button name=_restore value=1>Restore</button>"
    return f'<p>{words}</p><form method=post action="{action}">{button}</form>'


def merge_form(entity: Entity, row: Row, base: str) -> str:
    """Return the form that merges another record into this one; nothing where Salesforce merges none."""
    if not entity.mergeable:
        return ""
    action = f"{base}/{entity.name}/{quote(str(row['Id']))}"
    return (
        "<h2>Merge</h2><p>What belongs to the other record is given to this one, and the other one goes to the "
        f'recycle bin.</p><form method=post action="{action}"><label for=f-loser>Id of the other record</label>'
        "<input id=f-loser name=_loser required> <button>Merge into this one</button></form>"
    )


def pager(url: str, asked: str, number: int, pages: int, *, in_bin: bool) -> str:
    """Return links to the pages before and after; nothing when there is one page."""
    if pages < 2:
        return ""
    links = []
    for label, target in (("Newer", number - 1), ("Older", number + 1)):
        if 1 <= target <= pages:
            query = escape(urlencode({"q": asked, "page": target} | ({"bin": 1} if in_bin else {})))
            links.append(f'<li><a href="{url}?{query}">{label}</a></li>')
    return f"<nav aria-label=Pages><ol>{''.join(links)}<li>Page {number} of {pages}</li></ol></nav>"


def trail(entity: Entity, base: str) -> str:
    """Return the way back to the list."""
    link = f'<a href="{base}/{entity.name}">{entity.name}</a>'
    return f"<nav aria-label=Path><ol><li>{link}</li></ol></nav>"


def record_form(entity: Entity, row: Row, base: str) -> str:
    """Return the form that changes a record; nothing when no field can be changed."""
    editable = [each for each in entity.fields.values() if each.updateable and entity.writable]
    if not editable:
        return ""
    inputs = "".join(_input(each, row[each.name]) for each in editable)
    action = f"{base}/{entity.name}/{quote(str(row['Id']))}"
    return (
        f'<h2>Change</h2><form class=record method=post action="{action}">{inputs}'
        "<p><button name=_do value=save>Save</button> <button name=_do value=delete>Delete</button></p></form>"
    )


def _input(field: Field, value: Value) -> str:
    name, text = escape(field.name), escape("" if value is None else str(value))
    head = f'<div><label for="f-{name}">{escape(field.title)} <span class=small>{name}</span></label>'
    common = f'id="f-{name}" name="{name}"'
    if field.type == "boolean":
        # The hidden twin tells "unticked" from "not on the form".
        box = f"<input type=checkbox {common} value=true{' checked' if value else ''}>"
        return f'{head}<input type=hidden name="{name}" value=false>{box}</div>'
    if field.type == "picklist":
        return f"{head}<select {common}>{_options(field, value)}</select></div>"
    if field.type == "textarea":
        return f"{head}<textarea {common} rows=3>{text}</textarea></div>"
    kind = {"date": "date", "email": "email"}.get(field.type, "text")
    return f'{head}<input type={kind} {common} value="{text}"></div>'


def _options(field: Field, value: Value) -> str:
    values = [choice.value for choice in field.choices]
    if value is not None and value not in values:
        values.append(str(value))
    return "".join(
        f'<option value="{escape(each)}"{" selected" if each == value else ""}>{escape(each) or "–"}</option>'
        for each in ["", *values]
    )


def facts(facts: Iterable[tuple[Field, Value, Entity | None]], base: str) -> str:
    """Return fields that cannot be changed with their values, references as links to their object."""
    rows = []
    for field, value, target in facts:
        shown = _shown(field, value, "–")
        if target is not None:
            shown = f'<a href="{base}/{target.name}/{value}">{shown}</a>'
        rows.append(f"<tr><th scope=row>{escape(field.title)}</th><td>{shown}</td></tr>")
    return f"<h2>Kept by the org</h2><div class=scroll><table><tbody>{''.join(rows)}</tbody></table></div>"


def done(text: str) -> str:
    """Return a note that something was done."""
    return f"<p class=done role=status>{escape(text)}</p>"


def problem(message: str, code: str) -> str:
    """Return a note that something was refused."""
    return f"<p class=problem role=alert>{escape(message)} <span class=small>{escape(code)}</span></p>"
