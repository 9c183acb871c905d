"""A few plain pages on which a person sees the org's records and changes them as its administrator."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from prm.sandbox.dml import Writer
from prm.sandbox.errors import SandboxError
from prm.sandbox.ids import to18
from prm.sandbox.messages import Request, Response
from prm.sandbox.schema import Entity, Field, label_of
from prm.sandbox.values import show_value

if TYPE_CHECKING:
    from prm.sandbox.org import SandboxOrg

ROWS = 50
STYLE = b"""
:root { color-scheme: light dark; --line: #8888; --link: light-dark(#0b5cab, #8cc2ff); }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 72rem; padding: 1rem; }
a { color: var(--link); }
nav ol { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .75rem .35rem 0; text-align: left; vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
form.record { display: grid; gap: .75rem; max-width: 40rem; }
label { display: block; font-weight: 600; }
input, select, textarea { font: inherit; padding: .4rem; width: 100%; }
input[type=checkbox] { width: 1.25rem; height: 1.25rem; }
button { font: inherit; margin-top: .5rem; padding: .5rem 1.25rem; }
.problem { border: 2px solid #c0392b; padding: .75rem; }
.done { border: 2px solid #1e8449; padding: .75rem; }
.small { font-size: .875rem; font-weight: 400; }
form[method=get] { max-width: 24rem; margin-bottom: 1rem; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
"""


def answer(org: SandboxOrg, request: Request, base: str) -> Response:
    """Answer a page request; ``base`` is the org's path."""
    parts = [unquote(part) for part in request.path.strip("/").split("/") if part]
    if parts == ["style.css"]:
        return Response(200, STYLE, {"Cache-Control": "max-age=3600"}, "text/css")
    origin = request.headers.get("origin")
    if request.method == "POST" and origin and urlsplit(origin).netloc != request.headers.get("host"):
        return _page(org, base, "Refused", "<p>This form was sent from another site.</p>", 403)
    if not parts:
        return _home(org, base)
    entity = org.entities.get(parts[0].lower())
    if entity is None or len(parts) > 2:
        return _page(org, base, "Not found", "<p>There is nothing here.</p>", 404)
    if len(parts) == 1:
        return _list(org, request, base, entity)
    return _record(org, request, base, entity, parts[1])


def _page(org: SandboxOrg, base: str, title: str, body: str, status: int = 200) -> Response:
    name = escape(org.name)
    html = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)} – sandbox org {name}'
        f'</title><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="stylesheet" href="{base}/style.css"></head><body><header><p><a href="{base}/">Sandbox org {name}'
        f"</a> <span class=small>{org.organization_id}, {org.clock.stamp()}</span></p></header>"
        f"<main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    policy = {
        "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'",
        "Cache-Control": "no-store",
    }
    return Response(status, html.encode(), policy, "text/html;charset=UTF-8")


def _alive(entity: Entity) -> str:
    return ' WHERE "IsDeleted" = 0' if entity.recycles else ""


def _home(org: SandboxOrg, base: str) -> Response:
    rows = []
    for entity in org.entities.values():
        count = org.store.value(f"SELECT count(*) FROM {entity.table}{_alive(entity)}")
        label = escape(entity.plural or (entity.label or label_of(entity.name)) + "s")
        rows.append(
            f'<tr><td><a href="{base}/{entity.name}">{label}</a></td><td>{escape(entity.name)}</td>'
            f"<td class=number>{count}</td></tr>"
        )
    intro = (
        "<p>This is a local stand-in for a Salesforce org. What you change here is changed by its administrator, "
        "and arrives in the application when it next reads the org.</p>"
    )
    table = (
        "<div class=scroll><table><thead><tr><th scope=col>Object</th><th scope=col>API name</th>"
        f"<th scope=col class=number>Records</th></tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )
    return _page(org, base, "Objects", intro + table)


def _shown_columns(entity: Entity) -> list[Field]:
    custom = [each for each in entity.fields.values() if each.custom and not each.long_text]
    usual = ("StageName", "Amount", "CloseDate", "ActivityDate", "StartDateTime", "Email", "SystemModstamp")
    names = [name for name in (entity.name_field, *usual) if name in entity.fields]
    return [entity.fields[name] for name in names[:4]] + custom[:5] + [entity.fields["SystemModstamp"]]


def _list(org: SandboxOrg, request: Request, base: str, entity: Entity) -> Response:
    asked, page = request.query.get("q", "").strip(), max(1, int(request.query.get("page", "1") or 1))
    columns = list({each.name: each for each in _shown_columns(entity)}.values())
    where, params = _alive(entity), []
    if asked:
        where += (" AND " if where else " WHERE ") + f'("{entity.name_field}" LIKE ? OR "Id" = ?)'
        params = [f"%{asked}%", to18(asked) or asked]
    total = int(org.store.value(f"SELECT count(*) FROM {entity.table}{where}", params))
    rows = org.store.rows(
        f'SELECT * FROM {entity.table}{where} ORDER BY "SystemModstamp" DESC, "Id" DESC LIMIT {ROWS} '
        f"OFFSET {(page - 1) * ROWS}",
        params,
    )
    head = "".join(f"<th scope=col>{escape(each.label or label_of(each.name))}</th>" for each in columns)
    body = "".join(_row(base, entity, columns, row) for row in rows)
    search = (
        f'<form method=get action="{base}/{entity.name}"><label for=q>Find by name or id</label>'
        f'<input id=q name=q value="{escape(asked)}"> <button>Find</button></form>'
    )
    table = f"<div class=scroll><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    empty = "" if rows else "<p>No records.</p>"
    pager = _pager(f"{base}/{entity.name}", asked, page, math.ceil(total / ROWS))
    return _page(
        org, base, f"{entity.plural or label_of(entity.name) + 's'} ({total})", search + table + empty + pager
    )


def _row(base: str, entity: Entity, columns: list[Field], row: dict[str, Any]) -> str:
    cells = []
    for index, each in enumerate(columns):
        shown = escape(str(show_value(each, row[each.name]) if row[each.name] is not None else ""))
        if index == 0:
            shown = f'<a href="{base}/{entity.name}/{row["Id"]}">{shown or row["Id"]}</a>'
        cells.append(f"<td>{shown}</td>")
    return f"<tr>{''.join(cells)}</tr>"


def _pager(url: str, asked: str, page: int, pages: int) -> str:
    if pages < 2:
        return ""
    links = []
    for label, number in (("Newer", page - 1), ("Older", page + 1)):
        if 1 <= number <= pages:
            query = escape(urlencode({"q": asked, "page": number}))
            links.append(f'<li><a href="{url}?{query}">{label}</a></li>')
    return f"<nav aria-label=Pages><ol>{''.join(links)}<li>Page {page} of {pages}</li></ol></nav>"


def _record(org: SandboxOrg, request: Request, base: str, entity: Entity, record_id: str) -> Response:
    note = ""
    if request.method == "POST":
        note = _save(org, request, entity, record_id)
    row = org.store.get(entity, to18(record_id) or "")
    if row is None:
        return _page(org, base, "Not found", "<p>There is no such record.</p>", 404)
    title = str(row.get(entity.name_field) or row["Id"])
    if row.get("IsDeleted"):
        return _page(org, base, title, note + "<p>This record is in the recycle bin.</p>", 404)
    trail = f'<nav aria-label=Path><ol><li><a href="{base}/{entity.name}">{entity.name}</a></li></ol></nav>'
    editable = [each for each in entity.fields.values() if each.updateable and entity.writable]
    form = ""
    if editable:
        inputs = "".join(_input(each, row[each.name]) for each in editable)
        action = f"{base}/{entity.name}/{quote(str(row['Id']))}"
        form = (
            f'<h2>Change</h2><form class=record method=post action="{action}">{inputs}'
            "<p><button name=_do value=save>Save</button> <button name=_do value=delete>Delete</button></p></form>"
        )
    return _page(org, base, title, trail + note + form + _facts(base, org, entity, row))


def _facts(base: str, org: SandboxOrg, entity: Entity, row: dict[str, Any]) -> str:
    """The fields that cannot be changed, references as links."""
    rows = []
    for each in entity.fields.values():
        if each.updateable and entity.writable and each.type != "reference":
            continue
        shown = escape(str(show_value(each, row[each.name]) if row[each.name] is not None else "–"))
        target = (
            org.entity_of_id(str(row[each.name])) if each.type == "reference" and row[each.name] else None
        )
        if target is not None:
            shown = f'<a href="{base}/{target.name}/{row[each.name]}">{shown}</a>'
        rows.append(
            f"<tr><th scope=row>{escape(each.label or label_of(each.name))}</th><td>{shown}</td></tr>"
        )
    return f"<h2>Kept by the org</h2><div class=scroll><table><tbody>{''.join(rows)}</tbody></table></div>"


def _input(field: Field, value: Any) -> str:
    name, label = escape(field.name), escape(field.label or label_of(field.name))
    text = escape("" if value is None else str(value))
    head = f'<div><label for="f-{name}">{label} <span class=small>{name}</span></label>'
    common = f'id="f-{name}" name="{name}"'
    if field.type == "boolean":
        # The hidden twin tells "unticked" from "not on the form".
        box = f"<input type=checkbox {common} value=true{' checked' if value else ''}>"
        return f'{head}<input type=hidden name="{name}" value=false>{box}</div>'
    if field.type == "picklist":
        values = [choice.value for choice in field.choices]
        if value is not None and value not in values:
            values.append(str(value))
        options = "".join(
            f'<option value="{escape(each)}"{" selected" if each == value else ""}>{escape(each) or "–"}</option>'
            for each in ["", *values]
        )
        return f"{head}<select {common}>{options}</select></div>"
    if field.type == "textarea":
        return f"{head}<textarea {common} rows=3>{text}</textarea></div>"
    kind = {"date": "date", "email": "email"}.get(field.type, "text")
    return f'{head}<input type={kind} {common} value="{text}"></div>'


def _save(org: SandboxOrg, request: Request, entity: Entity, record_id: str) -> str:
    """Apply the form as the administrator: only what differs from the stored row is written."""
    form = request.form()
    writer = Writer(org, org.administrator)
    try:
        if form.pop("_do", "save") == "delete":
            writer.delete(record_id, entity.name)
            return "<p class=done role=status>Deleted.</p>"
        stored = writer.fetch(entity, record_id)
        changes = {name: value for name, value in form.items() if _differs(entity, stored, name, value)}
        if not changes:
            return "<p class=done role=status>Nothing was different.</p>"
        writer.update(entity.name, record_id, changes)
    except SandboxError as error:
        return f"<p class=problem role=alert>{escape(error.message)} <span class=small>{escape(error.code)}</span></p>"
    return f"<p class=done role=status>Saved: {escape(', '.join(changes))}.</p>"


def _differs(entity: Entity, stored: dict[str, Any], name: str, value: str) -> bool:
    field = entity.find(name)
    if field is None:
        return False
    old = stored[field.name]
    if field.type == "boolean":
        return bool(old) != (value == "true")
    # Browsers send text with CRLF line ends.
    return ("" if old is None else str(old)).replace("\r\n", "\n") != value.replace("\r\n", "\n")
