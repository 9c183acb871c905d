"""The upload form takes several files and gives them by name."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.datastructures import MultiValueDict

from orders.doors.files.forms import UploadForm
from orders.sources.service import save_source
from tests.orders.factories import make_source


def filled(source, *names):
    files = [SimpleUploadedFile(name, b"x") for name in names]
    return UploadForm({"source": source.pk}, MultiValueDict({"files": files}))


def test_files_come_in_the_order_of_their_names(in_mercy):
    form = filled(make_source(), "2026-05-02.csv", "2026-05-01.csv")
    assert form.is_valid()
    assert [file.name for file in form.brought()] == ["2026-05-01.csv", "2026-05-02.csv"]


def test_a_file_is_needed(in_mercy):
    form = filled(make_source())
    assert not form.is_valid() and "files" in form.errors


@pytest.mark.parametrize("content", [b""])
def test_empty_file_is_refused_by_the_form(in_mercy, content):
    source = make_source()
    files = MultiValueDict(
        {"files": [SimpleUploadedFile("a.csv", b"x"), SimpleUploadedFile("b.csv", content)]}
    )
    form = UploadForm({"source": source.pk}, files)
    assert not form.is_valid() and "empty" in str(form.errors["files"])


def test_source_that_is_switched_off_cannot_be_chosen(in_mercy):
    source = make_source("Old")
    save_source(source, name="Old", spec=source.spec, is_active=False)
    form = filled(source, "a.csv")
    assert not form.is_valid() and "source" in form.errors


def test_pasted_rows_are_written_as_the_source_says(in_mercy):
    source = make_source(delimiter=";", encoding="cp1252")
    form = UploadForm({"source": source.pk, "pasted": "No\tName\n1\tMüller; Söhne\n"})
    assert form.is_valid()
    [file] = form.brought()
    assert file.read() == 'No;Name\r\n1;"Müller; Söhne"\r\n'.encode("cp1252")
    form = UploadForm({"source": source.pk, "pasted": "No\tName\n1\t東京\n"})
    assert not form.is_valid() and "cannot be written in cp1252" in str(form.errors["pasted"])
