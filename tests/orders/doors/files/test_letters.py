"""The encoding of a whole file is found by what its letters make, or asked about; never assumed."""

import pytest

from orders.doors.files.letters import find_letters

TEXTS = {
    "German": "1;Müller & Söhne, Straße 5;Größe\n2;Bäcker Jörg;Übung\n",
    "French": "1;Hôpital Général, près de l'église;reçu à\n2;Évêché Noël;déjà\n",
    "Polish": "1;Łódź Święty Wojciech;żółć\n2;Kraków Książka;część\n",
    "Russian": "1;Больница номер пять;Иванов\n",
    "Greek": "1;Νοσοκομείο Αθηνών;Παπαδόπουλος\n",
    "Turkish": "1;İstanbul Şişli hastanesi;ığdır çöğüş\n",
    "Lithuanian": "1;Šiaulių ligoninė;ąčęėįšųū\n",
    "Japanese": "1;東京病院の注文;カタカナ\n",
    "Chinese": "1;北京医院订单;中国人民\n",
    "Arabic": "1;مستشفى القاهرة;محمد\n",
    "Spanish": "1;José Muñoz Peña;año\n",
}


@pytest.fixture
def found(tmp_path):
    def write(content):
        path = tmp_path / "orders.csv"
        path.write_bytes(content)
        return find_letters(path)

    return write


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        ("German", "cp1252"), ("German", "cp850"), ("German", "mac-roman"), ("French", "cp1252"), ("Polish", "cp1250"),
        ("Russian", "cp1251"), ("Greek", "cp1253"), ("Turkish", "cp1254"), ("Lithuanian", "cp1257"),
        ("Japanese", "cp932"), ("Chinese", "gb18030"), ("Arabic", "cp1256"), ("Spanish", "cp1252"),
    ],
)  # fmt: skip
def test_letters_of_one_language_decide(found, language, encoding):
    letters = found((("No;Name;Ort\n" + TEXTS[language]) * 3).encode(encoding))
    assert (letters.encoding, letters.is_certain) == (encoding, True)
    assert letters.readings[0].language == language and language in letters.evidence


@pytest.mark.parametrize(
    "codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
@pytest.mark.parametrize("language", ["German", "Japanese", "Russian"])
def test_unicode_is_certain_with_and_without_marks(found, codec, language):
    letters = found((("No;Name;Ort\r\n" + TEXTS[language]) * 3).encode(codec))
    assert (letters.encoding, letters.is_certain) == (codec[:6].removesuffix("-"), True)


def test_plain_letters_are_read_alike_by_all(found):
    assert found(b"No;Date\n1;2026-05-03\n").evidence == "Plain letters only: every encoding reads them alike"


def test_letters_of_two_languages_are_a_question_with_words_of_each(found):
    letters = found("1;près;très\n".encode("cp1252") * 3)
    assert not letters.is_certain
    assert {(entry.encoding, entry.words) for entry in letters.readings} == {
        ("cp1252", ("près", "très")), ("cp1250", ("prčs", "trčs")),
    }  # fmt: skip


def test_one_letter_late_in_a_large_file_counts(found):
    letters = found(b"1;Miller;5\n" * 40_000 + "2;Müller Söhne Größe;5\n".encode("cp1252"))
    assert (letters.encoding, letters.is_certain) == ("cp1252", True)
