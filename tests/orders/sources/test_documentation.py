"""The administrators' paper lists the settings of a source as the schema has them."""

import json
from pathlib import Path

from orders.sources.spec import Columns, SourceFile

PAPER = Path(__file__).parents[3] / "docs" / "administrators.md"
BEGIN, END = "<!-- settings of an order source -->", "<!-- end of settings -->"


def rows():
    """The table, from the description that the schema writes of itself."""
    schema = SourceFile.model_json_schema()
    order = ["name", "kind", *(n for n in schema["properties"] if n not in {"name", "kind"})]
    for name in order:
        setting = schema["properties"][name]
        if "default" in setting:
            default = f"`{json.dumps(setting['default'], ensure_ascii=False)}`"
        else:
            default = "needed"
        yield f"| `{name}` | {setting['description']} | {values(setting, schema)} | {default} |"


def values(setting, schema):
    if "$ref" in setting:
        setting = schema["$defs"][setting["$ref"].rpartition("/")[2]]
    if "enum" in setting:
        return ", ".join(f"`{value}`" for value in setting["enum"])
    if inner := setting.get("additionalProperties"):
        return f"a table to {values(inner, schema)}"
    if setting["type"] == "object":
        return "a table of " + ", ".join(f"`{name}`" for name in setting["properties"])
    if "$ref" in setting.get("items", {}):
        return values(setting["items"], schema).replace("a table", "a list of tables")
    if setting.get("items", {}).get("type") == "integer":
        return "a list of numbers"
    words = {"boolean": "true or false", "array": "a list of texts", "string": "a text"}[setting["type"]]
    return f"{words} of at most {setting['maxLength']} characters" if "maxLength" in setting else words


def test_settings_of_a_source_are_documented_as_they_are():
    table = "\n".join(["| setting | says | values | without it |", "|---|---|---|---|", *rows()])
    fields = "\n".join(f"`{name}` ({field.title.lower()})" for name, field in Columns.model_fields.items())
    wanted = f"{table}\n\nFields of `columns`: {', '.join(fields.splitlines())}."
    paper = PAPER.read_text(encoding="utf-8")
    assert paper.partition(BEGIN)[2].partition(END)[0].strip() == wanted
