"""In which encoding a whole file is written, found over all its bytes, with what shows it.

A mark decides; so does a whole file that is UTF-8 and not ASCII alone. Otherwise the encodings that can read every byte
are compared by the text they make: the share of letters that stand where letters of one language do. When two fit
nearly as well, nothing is decided: the answer is a question, with a word of the file as each of them reads it, and
charset-normalizer gives the leaning.
"""

import codecs
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from orders.doors.files import encodings
from prm.core.notation.reader import figure
from prm.ui.formatting import plural

_BLOCK: Final = 1 << 16
# Bytes of lines with letters beyond ASCII that are looked at closely.
_SAMPLE: Final = 128 * 1024
_ASCII: Final = bytes(range(128))
_WORD: Final = re.compile(r"[^\W\d_]*[^\W\d_\x00-\x7f][^\W\d_]*")
# In order of use: of several that give the same text the first is named.
_CANDIDATES: Final = (
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "iso-8859-15", "cp932", "gb18030",
    "cp850", "mac-roman",
)  # fmt: skip
_WIDE: Final = ("cp932", "gb18030")
# Share of the letters by which the best must lead.
_LEAD: Final = 0.04
# Letters beyond ASCII by language, small ones; what else an export writes is in _LONE_SIGN.
_LANGUAGES: Final = {
    "German": "äöüß", "French": "àâæçéèêëîïôœùûüÿ", "Spanish": "áéíñóúü", "Italian": "àèéìíòóùú",
    "Portuguese": "ãáàâçéêíóôõú", "Danish": "æøåé", "Swedish": "åäöé", "Polish": "ąćęłńóśźż",
    "Czech": "áčďéěíňóřšťúůýž", "Slovak": "áäčďéíĺľňóôŕšťúýž", "Hungarian": "áéíóöőúüű", "Romanian": "ăâîşţșț",
    "Croatian": "čćđšž", "Turkish": "çğıöşüâî", "Lithuanian": "ąčęėįšųūž", "Latvian": "āčēģīķļņšūž",
    "Estonian": "äöõüšž", "Icelandic": "áðéíóúýþæö",
}  # fmt: skip
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_CAPITAL_AFTER_SMALL: Final = re.compile(r"[a-z\u00df-\u00ff][\u00c0-\u00de]")
_CAPITAL_INSIDE: Final = re.compile(r"[\u0430-\u045f\u03ac-\u03ce][\u0400-\u042f\u0391-\u03a9]")
# Signs that exports write; between two letters they are a wrong reading.
_LONE_SIGN: Final = re.compile(
    r"(?<![^\W\d_])[€£¥§°²³½¼¾«»„“”‘’–—…•·×±µºª¿¡®©№\u00a0]|[€£¥§°²³½¼¾«»„“”‘’–—…•·×±µºª¿¡®©№\u00a0](?![^\W\d_])"
)
_SCRIPTS: Final = (
    ("Russian", 0x400, 0x45F), ("Greek", 0x370, 0x3FF), ("Hebrew", 0x5D0, 0x5EA), ("Arabic", 0x620, 0x6D3),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LetterReading:
    """One encoding that can read every byte: how well its text fits a language, from 0 to 1, and words of it."""

    encoding: str
    fit: float
    language: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Letters:
    """What was found: the readings, best first, whether the first is certain, and why in words."""

    readings: tuple[LetterReading, ...]
    is_certain: bool
    evidence: str

    @property
    def encoding(self) -> str:
        """Return the encoding to read with until somebody says another."""
        return self.readings[0].encoding


def find_letters(path: Path) -> Letters:
    """Return how the letters of a text file are written."""
    with path.open("rb") as file:
        head = file.read(encodings.SAMPLE)
    if marked := encodings.marked(head):
        return _certain(marked, f"{_named(marked)}: a mark at the beginning says so")
    if wide := encodings.wide_without_mark(head):
        return _certain(
            wide[:6], f"{_named(wide[:6])}: it has no mark, but every second byte or more is empty"
        )
    special = _count_special(path)
    if not special:
        return _certain("utf-8", "Plain letters only: every encoding reads them alike")
    if _reads_all(path, "utf-8"):
        sample = _sample(path)[0].decode("utf-8", errors="ignore")
        example = _examples(sample)
        return _certain(
            "utf-8",
            f"UTF-8: all {figure(special)} bytes beyond plain letters, such as {example}, fit it together",
        )
    return _compare(path)


def _certain(encoding: str, evidence: str) -> Letters:
    return Letters((LetterReading(encoding, 1.0, ""),), True, evidence)


def _compare(path: Path) -> Letters:
    special = _histogram(path)
    sample, total = _sample(path)
    readings: dict[str, LetterReading] = {}
    for encoding in _CANDIDATES:
        if not _can_read(path, encoding, special):
            continue
        text = sample.decode(encoding, errors="ignore")
        # What gives the same text is the same reading.
        if text not in readings:
            fit, language = _fit(text)
            readings[text] = LetterReading(encoding, fit, language, tuple(_words(text)[:2]))
    if not readings:
        return Letters(
            (LetterReading("cp1252", 0.0, ""),),
            False,
            "No encoding that is known here reads every byte of it",
        )
    ranked = sorted(readings.values(), key=lambda reading: -reading.fit)
    return _judge(ranked, sample, total)


def _judge(ranked: Sequence[LetterReading], sample: bytes, total: int) -> Letters:
    best = ranked[0]
    rivals = [reading for reading in ranked[1:] if reading.fit >= best.fit - _LEAD and reading.fit > 0.5]
    lines = plural(total, "line")
    if best.fit > 0.5 and not rivals:
        words = ", ".join(best.words)
        return Letters(
            (best,),
            True,
            f"{_named(best.encoding)}: letters in {lines} such as {words} are {best.language}; no other fits",
        )
    possible = [best, *rivals]
    if advice := encodings.likely(sample):
        possible.sort(key=lambda reading: reading.encoding != advice)
    return Letters(tuple(possible), False, f"{lines} have letters that {len(possible)} encodings can read")


def _named(encoding: str) -> str:
    return NAMES.get(encoding, encoding)


#: What people call the encodings.
NAMES: Final = {
    "utf-8": "UTF-8", "utf-16": "UTF-16", "utf-32": "UTF-32", "cp932": "Shift-JIS", "gb18030": "GB18030",
    "cp850": "DOS (850)", "mac-roman": "Macintosh", "iso-8859-1": "ISO 8859-1", "iso-8859-15": "ISO 8859-15",
    **{f"cp{number}": f"Windows-{number}" for number in range(1250, 1258)},
}  # fmt: skip


# --- bytes ----------------------------------------------------------------------------------------------


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _count_special(path: Path) -> int:
    return sum(0 if block.isascii() else len(block.translate(None, _ASCII)) for block in _blocks(path))


def _histogram(path: Path) -> Counter[int]:
    found: Counter[int] = Counter()
    for block in _blocks(path):
        if not block.isascii():
            found.update(block.translate(None, _ASCII))
    return found


def _reads_all(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for block in _blocks(path):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _sample(path: Path) -> tuple[bytes, int]:
    """Return lines with letters beyond ASCII, and how many there are in the whole file."""
    kept, size, total = [], 0, 0
    with path.open("rb") as file:
        while line := file.readline(_BLOCK):
            if line.isascii():
                continue
            total += 1
            if size < _SAMPLE:
                kept.append(line)
                size += len(line)
    return b"".join(kept), total


# --- text -----------------------------------------------------------------------------------------------


def _words(text: str) -> list[str]:
    return [word for word, _ in Counter(_WORD.findall(text[:20_000])).most_common(4)]


def _examples(text: str) -> str:
    return ", ".join(_words(text)[:2]) or "signs"


def _fit(text: str) -> tuple[float, str]:
    """Return how well a text's characters beyond ASCII fit one language, and which."""
    total = sum(sign > "\x7f" for sign in text)
    if not total:
        return 0.0, ""
    words = [word for word in _LETTERS.findall(text) if len(word) > 1 and not word.isascii()]
    signs = Counter("".join(words))
    usual = len(_LONE_SIGN.findall(text))
    ranked = [(_of_language(words, signs, letters), name) for name, letters in _LANGUAGES.items()]
    ranked += [(_of_script(words, first, last), name) for name, first, last in _SCRIPTS]
    ranked += [(_japanese(Counter(text)), "Japanese"), (_chinese(Counter(text)), "Chinese")]
    # Of languages that fit as well, the first.
    best, language = max(ranked, key=lambda entry: entry[0])
    return (best + usual) / total, language if best > 0 else "signs"


def _of_language(words: Sequence[str], signs: Counter[str], letters: str) -> int:
    fitting = sum(count for sign, count in signs.items() if sign > "\x7f" and sign.lower() in letters)
    # A capital after a small letter is a letter of another encoding.
    return fitting - sum(len(_CAPITAL_AFTER_SMALL.findall(word)) for word in words)


def _of_script(words: Sequence[str], first: int, last: int) -> int:
    fitting = 0
    for word in words:
        inside = sum(first <= ord(sign) <= last for sign in word)
        # Letters of two scripts in one word are a wrong reading, and so are capitals after small letters.
        if inside == len(word) and not _CAPITAL_INSIDE.search(word):
            fitting += inside
    return fitting


def _japanese(signs: Counter[str]) -> int:
    kana, common = _marks_and_common(signs, "\u3041", "\u30fe", ("cp932", 0x88, 0x97))
    return kana + common


def _chinese(signs: Counter[str]) -> int:
    marks, common = _marks_and_common(signs, "\u3001", "\u3011", ("gb2312", 0xB0, 0xD7))
    return marks + common if common else 0


def _marks_and_common(
    signs: Counter[str], first: str, last: str, usual: tuple[str, int, int]
) -> tuple[int, int]:
    """Count the signs from `first` to `last` or of full width, and the characters that are in `usual` use."""
    marks = sum(n for sign, n in signs.items() if first <= sign <= last or "\uff01" <= sign <= "\uff5e")
    common = sum(n for sign, n in signs.items() if "\u4e00" <= sign <= "\u9fff" and _is_common(sign, *usual))
    return marks, common


def _is_common(sign: str, encoding: str, first: int, last: int) -> bool:
    try:
        return first <= sign.encode(encoding)[0] <= last
    except UnicodeEncodeError:
        return False


def _can_read(path: Path, encoding: str, special: Counter[int]) -> bool:
    if encoding in _WIDE:
        return _reads_all(path, encoding)
    try:
        text = bytes(special).decode(encoding)
    except UnicodeDecodeError:
        return False
    return not any("\x80" <= sign <= "\x9f" for sign in text)
