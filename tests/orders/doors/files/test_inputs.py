"""Which files a path means, and a file as an input."""

import pytest

from orders.doors.files.inputs import FileInput, inputs_of
from orders.sources.spec import Spec
from prm.core.errors import Refused

COLUMNS = {"number": "No", "date": "Date", "amount": "Amount"}


@pytest.fixture
def folder(tmp_path):
    for name in ("b.csv", "a.CSV", "c.xlsx", "d.txt", "e.tsv", "notes.md", ".hidden"):
        (tmp_path / name).write_text("No,Date,Amount\n")
    (tmp_path / "inner.csv").mkdir()
    return tmp_path


def test_folder_means_its_order_files_by_name(folder):
    assert [given.name for given in inputs_of([folder])] == ["a.CSV", "b.csv", "c.xlsx", "d.txt", "e.tsv"]


def test_files_are_taken_in_the_order_of_their_names_unless_that_of_the_paths_is_asked_for(folder):
    paths = [folder / "notes.md", folder / "a.CSV"]
    assert [given.name for given in inputs_of(paths)] == ["a.CSV", "notes.md"]
    assert [given.name for given in inputs_of(paths, as_given=True)] == ["notes.md", "a.CSV"]


def test_folder_without_order_files_is_refused_naming_what_is_looked_for(tmp_path):
    with pytest.raises(
        Refused, match=r"There are no order files \(\.csv, \.gz, \.ods, \.tsv, \.txt, \.xlsx, \.zip\) in"
    ):
        inputs_of([tmp_path])


def test_path_that_is_not_there_is_named(tmp_path):
    with pytest.raises(Refused, match=r"There is no file .*none\.csv"):
        inputs_of([tmp_path / "none.csv"])


def test_file_can_be_opened_more_than_once_and_says_how_far_it_was_read(tmp_path):
    path = tmp_path / "may.csv"
    path.write_text("No,Date,Amount\n1,2026-05-03,10\n")
    given = FileInput(path, "orders of may")
    assert given.size == len("No,Date,Amount\n1,2026-05-03,10\n")
    for _ in range(2):
        with given.open(Spec(columns=COLUMNS)) as table:
            assert [row for chunk in table.chunks(9) for row in chunk.rows] == [["1", "2026-05-03", "10"]]
            assert table.bytes_done == given.size


def test_what_systems_leave_beside_files_is_passed_over(tmp_path):
    for name in ("day1.csv", "._day1.csv", "~$day1.xlsx", ".~lock.day1.csv", ".hidden.csv"):
        (tmp_path / name).write_bytes(b"\x00")
    assert [given.name for given in inputs_of([tmp_path])] == ["day1.csv"]
