"""Kept files lie under names of ours until they are discarded; what people called them is only shown."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

from orders.doors.files import uploads
from prm.core.errors import Refused


@pytest.mark.parametrize(
    ("name", "shown"),
    [("may.csv", "may.csv"), ("../../etc/passwd", "passwd"), (None, "orders"), ("x" * 300, "x" * 200)],
)
def test_name_is_shown_without_folders_and_not_too_long(name, shown):
    assert uploads.shown_name(ContentFile(b"", name=name)) == shown


def test_kept_file_is_given_back_as_it_came_and_goes_when_discarded():
    stored = uploads.keep(ContentFile(b"No,Date\n"), "tenant/run-0")
    assert stored == "imports/tenant/run-0"
    with uploads.kept_inputs([uploads.Kept("may.csv", stored)]) as (given,):
        assert (given.name, given.path.read_bytes()) == ("may.csv", b"No,Date\n")
    uploads.discard(stored)
    with (
        pytest.raises(Refused, match=r"The file may\.csv is no longer here"),
        uploads.kept_inputs([uploads.Kept("may.csv", stored)]),
    ):
        pass


def test_file_that_was_never_kept_is_gone():
    with pytest.raises(Refused), uploads.kept_inputs([uploads.Kept("may.csv", "")]):
        pass


def test_storage_elsewhere_is_copied_for_the_time_being(monkeypatch):
    stored = uploads.keep(ContentFile(b"No,Date\n"), "tenant/run-0")

    def nowhere(self, name):
        raise NotImplementedError

    monkeypatch.setattr(FileSystemStorage, "path", nowhere)
    monkeypatch.setattr(FileSystemStorage, "exists", lambda self, name: True)
    monkeypatch.setattr(FileSystemStorage, "_open", lambda self, name, mode="rb": ContentFile(b"No,Date\n"))
    with uploads.kept_inputs([uploads.Kept("may.csv", stored)]) as (given,):
        copy = given.path
        assert copy.read_bytes() == b"No,Date\n"
    assert not copy.exists()


@pytest.mark.parametrize(("size", "fits"), [(10, True), (11, False)])
def test_limit_is_of_all_files_together(settings, size, fits):
    settings.UPLOAD_LIMIT = 10
    files = [ContentFile(b"x" * 5), ContentFile(b"x" * (size - 5))]
    if fits:
        uploads.check(files)
    else:
        with pytest.raises(Refused, match=r"at most 0\.0 MB are taken at once"):
            uploads.check(files)
