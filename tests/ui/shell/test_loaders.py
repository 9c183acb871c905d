"""Templates are sent without their indentation, and nothing that shows is lost."""

import pytest
from django.template.loader import get_template

from prm.ui.shell.loaders import without_indent


def test_lines_begin_without_blanks_and_stay_lines():
    assert without_indent("a.html", "<p>\n    one  two\n\t</p>\n\n  ") == "<p>\none  two\n</p>\n\n"


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("mail.txt", "Hello\n  there"),
        ("a.html", "<pre>\n  kept</pre>"),
        ("a.html", "<div>\n  <TEXTAREA>\n  kept</TEXTAREA>"),
    ],
)
def test_where_blanks_show_they_are_kept(name, source):
    assert without_indent(name, source) == source


@pytest.mark.parametrize("name", ["components/table.html", "django_tables2/table.html"])
def test_our_templates_and_those_of_apps_are_read_so(name):
    source = get_template(name).template.source
    assert [line for line in source.splitlines() if line[:1].isspace()] == []
    assert "\n<" in source
