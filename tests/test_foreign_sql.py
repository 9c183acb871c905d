"""No app reads or writes another app's tables by SQL: the owner offers a function that does."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
OURS = {
    config.label: Path(config.path) for config in apps.get_app_configs() if ROOT in Path(config.path).parents
}


@cache
def owners() -> dict[str, str]:
    """The app of every table of ours, as Django's registry knows it (history and join tables too)."""
    return {
        model._meta.db_table: model._meta.app_label
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in OURS
    }


def sources(label: str) -> Iterator[Path]:
    """The product's own files of an app, without those of apps that lie inside its folder."""
    inner = [folder for folder in OURS.values() if OURS[label] in folder.parents]
    for path in sorted(OURS[label].rglob("*.py")):
        if "migrations" not in path.parts and not any(folder in path.parents for folder in inner):
            yield path


def texts(tree: ast.Module) -> Iterator[ast.Constant]:
    """All string constants, parts of f-strings too, but no docstring."""
    said = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node


def foreign_names(code: str, label: str) -> list[tuple[int, str]]:
    """Lines of string constants that name a table of another app, and the table."""
    owner_of = owners()
    return [
        (node.lineno, name)
        for node in texts(ast.parse(code))
        for name in re.findall(r"\b[a-z]+_[a-z_]+\b", node.value)
        if owner_of.get(name, label) != label
    ]


@pytest.mark.parametrize("label", sorted(OURS))
def test_sql_names_tables_of_its_own_app_only(label):
    found = [
        f"{path.relative_to(ROOT)}:{line} names {table}"
        for path in sources(label)
        for line, table in foreign_names(path.read_text(encoding="utf-8"), label)
    ]
    assert found == []


def test_foreign_name_in_an_f_string_is_noticed_and_one_in_a_docstring_is_not():
    code = '"""About partners_partner."""\nsql = f"SELECT {x} FROM partners_partner p"\n'
    assert foreign_names(code, "orders") == [(2, "partners_partner")]
    assert foreign_names(code, "partners") == []
