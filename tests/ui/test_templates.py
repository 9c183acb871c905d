"""Every template is drawn by something, and every class of theirs is one that a style sheet has."""

import re
from pathlib import Path

import pytest
from django.apps import apps

from tests.conftest import ROOT

TEMPLATES = ROOT / "templates"
APPS = ("prm", "partners", "orders", "activities")
WIDTH = 120
# A tag of Django and an address are one word.
ONE_WORD = re.compile(r'\s*(\{%.*%\}|(<a )?(data-)?href="[^"]*".*)')
# Mails are named without these endings.
MAIL = ("_subject.txt", "_message.txt")
TAG = r"\{%.*?%\}|\{\{.*?\}\}"
CLASSES = re.compile(rf'class="((?:{TAG}|[^"])*)"', re.DOTALL)


def files(*patterns: str) -> list[Path]:
    return sorted(file for pattern in patterns for app in APPS for file in (ROOT / app).rglob(pattern))


def pages() -> list[Path]:
    return sorted(TEMPLATES.rglob("*.html"))


def without_rules(style_sheet: str) -> str:
    return re.sub(r"\{[^{}]*\}", "", re.sub(r"/\*.*?\*/", "", style_sheet, flags=re.DOTALL))


def styled() -> set[str]:
    return {
        name
        for file in files("*.css")
        for name in re.findall(r"\.(-?[a-zA-Z_][\w-]*)", without_rules(file.read_text(encoding="utf-8")))
    }


def written(file: Path) -> set[str]:
    """The classes of a template; of a name that ends with a value, what stands before it, as ``prm-bar-*``."""
    found: set[str] = set()
    for words in CLASSES.findall(file.read_text(encoding="utf-8")):
        plain = re.sub(r"\{\{.*?\}\}", "*", re.sub(r"\{%.*?%\}", " ", words))
        found |= {word.partition("*")[0] + "*" if "*" in word else word for word in plain.split()}
    return found - {"*"}


def overrides_a_library(name: str) -> bool:
    folders = [
        Path(app.path) / "templates" for app in apps.get_app_configs() if not app.name.startswith(APPS)
    ]
    return any((folder / name).exists() for folder in folders)


def test_every_template_is_drawn():
    code = "".join(file.read_text(encoding="utf-8") for file in [*files("*.py"), *pages()])
    # Chart tags give the name inside their folder; parts of Today are named without their ending.
    lost = [
        name
        for name in (
            file.relative_to(TEMPLATES).as_posix() for file in TEMPLATES.rglob("*") if file.is_file()
        )
        if f'"{name}"' not in code
        and f'"{name.removeprefix("components/charts/")}"' not in code
        and not (name.startswith("activities/parts/") and f'"{Path(name).stem}"' in code)
        and not (name.endswith(MAIL) and f'"{name.removesuffix(MAIL[0]).removesuffix(MAIL[1])}"' in code)
        and not overrides_a_library(name)
    ]
    assert lost == []


@pytest.mark.parametrize("file", pages(), ids=lambda file: file.relative_to(TEMPLATES).as_posix())
def test_classes_of_a_template_are_styled(file):
    known = styled()
    unknown = [
        name
        for name in written(file)
        if name not in known and not (name.endswith("*") and any(k.startswith(name[:-1]) for k in known))
    ]
    assert unknown == []


def test_every_class_of_a_style_sheet_is_written_somewhere():
    sources = [file.read_text(encoding="utf-8") for file in [*files("*.py", "*.js"), *pages()]]
    code = "".join(sources)
    words = set(re.findall(r"[\w-]+", code))
    stems = tuple(re.findall(r"[\w-]+-(?=\{)", code))
    htmx_adds = {"htmx-request"}
    assert sorted(name for name in styled() - words - htmx_adds if not name.startswith(stems)) == []


# A tab of the settings looks like the settings, whichever app brings it.
OF_SETTINGS = {("ownfields/fields.html", "company")}


def test_pages_of_one_app_bring_their_own_styles_only():
    foreign = [
        (file.relative_to(TEMPLATES).as_posix(), app)
        for file in pages()
        for app in re.findall(r"\{% static '(\w+)/", file.read_text(encoding="utf-8"))
        if app not in {"prm", "inter", file.relative_to(TEMPLATES).parts[0]}
    ]
    assert set(foreign) == OF_SETTINGS


def test_nothing_is_inline():
    # Data for a script, as type="application/json", is nothing that runs.
    data = r"(?![^>]*\btype=\"application/json\")"
    inline = re.compile(rf"<style|<script(?![^>]*\bsrc=){data}|\sstyle=|\son\w+=")
    assert [file.name for file in pages() if inline.search(file.read_text(encoding="utf-8"))] == []


def test_lines_end_at_120_columns():
    long = [
        f"{file.relative_to(TEMPLATES)}:{number}"
        for file in pages()
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > WIDTH and not ONE_WORD.fullmatch(line)
    ]
    assert long == []


def test_url_names_have_hyphens():
    spoken = [
        name
        for file in files("urls.py")
        for name in re.findall(r'\bname="([^"]+)"', file.read_text(encoding="utf-8"))
        # allauth's pages are found by its own names.
        if "_" in name and not name.startswith(("account_", "mfa_", "usersessions_"))
    ]
    assert spoken == []


@pytest.mark.parametrize("file", pages(), ids=lambda file: str(file.relative_to(TEMPLATES)))
def test_addresses_break_at_their_joints(file):
    """On a phone an address is wider than its place; it breaks behind its dots and signs, not within a word."""
    text = re.sub(r"\{% block (?:sub)?title %\}.*?\{% endblock %\}", "", file.read_text(encoding="utf-8"))
    told = re.sub(r'="[^"]*"', "", text)
    assert re.findall(r"\{\{ (?:\w+\.)*(?:email|website) \}\}", told) == []


# A button or link with a name of its own and nothing but words in it.
NAMED = re.compile(r'<(?:button|a) [^<]*?aria-label="([^"]*)"[^<]*?>\s*([A-Z][^<{]*?)\s*</(?:button|a)>')


@pytest.mark.parametrize("file", pages(), ids=lambda file: str(file.relative_to(TEMPLATES)))
def test_what_is_said_aloud_has_the_words_that_are_seen(file):
    """Who speaks to their machine says what they see (WCAG 2.5.3, label in name)."""
    text = file.read_text(encoding="utf-8")
    for name, words in NAMED.findall(text):
        assert words.lower() in name.lower()


# A button or link with a name of its own and a key drawn in it.
WITH_KEY = re.compile(r"<(button|a) (?:(?!</\1>).)*?aria-label=(?:(?!</\1>).)*?\{% kbd ", re.DOTALL)


@pytest.mark.parametrize("file", pages(), ids=lambda file: str(file.relative_to(TEMPLATES)))
def test_what_shows_its_key_is_named_by_what_it_says(file):
    """A key is seen with the words, so a name beside them would lack it: more words are hidden ones."""
    assert [found.group()[:200] for found in WITH_KEY.finditer(file.read_text(encoding="utf-8"))] == []
