"""The price book of an organisation: which of its entries a product is, by code. Reads, and makes what is missing where that is wanted.

What was read holds for one run. An entry of another book than the standard one needs one there first, and of several
currencies each has its own (`STANDARD_PRICE_NOT_DEFINED`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from prm.mapping import Item, Lines
from prm.mapping.money import CURRENCY_THERE
from prm.salesforce.wire import soql
from prm.salesforce.wire.client import BATCH, Org, Record, RowResult

KEY: Final = "PRM_Id__c"
_CODES: Final = 100
"""Codes asked for at once: of 80 characters each, 100 stay under the 16,384 bytes of an address."""

T = TypeVar("T")
Wanted = tuple[str, str]
"""A product's code, small letters only, and a currency ("" where the organisation has one)."""


class NoPriceBook(Exception):
    """The price book that was chosen is not there; says so in a sentence."""


def wanted(code: str, currency: str) -> Wanted:
    """Return by what an entry is known; Salesforce compares codes without regard to capitals."""
    return (code.casefold(), currency)


@dataclass(slots=True)
class PriceBook:
    """The chosen price book. `many`: the organisation has several currencies. `keep()` is called before every call."""

    org: Org
    lines: Lines
    keep: Callable[[], None]
    many: bool
    id: str = ""
    _standard: str = ""
    _entries: dict[Wanted, str] = field(default_factory=dict)
    _troubles: dict[Wanted, str] = field(default_factory=dict)
    # What had no entry when it was looked for.
    _lacking: set[Wanted] = field(default_factory=set)
    # Why products could not be made, by code.
    _unmade: dict[str, str] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """What people call it."""
        return f"the price book “{self.lines.book}”" if self.lines.book else "the standard price book"

    def find(self) -> None:
        """Find the book by its name. Raises `NoPriceBook` where none or several active ones have it."""
        if self.id:
            return
        self.keep()
        rows = list(self.org.query(soql.select("Pricebook2", ["Id", "Name", "IsStandard", "IsActive"])))
        self._standard = next((str(row["Id"]) for row in rows if row["IsStandard"]), "")
        mine = [
            row for row in rows if (row["Name"] == self.lines.book if self.lines.book else row["IsStandard"])
        ]
        active = [row for row in mine if row["IsActive"]]
        if len(active) != 1:
            found = (
                "not active" if mine and not active else "not there" if not mine else "there more than once"
            )
            raise NoPriceBook(
                f"Products wait: {self.words} is {found} in Salesforce, or not visible to us. Activate it there, or choose another under "
                "Field mapping."
            )
        self.id = str(active[0]["Id"])

    def entry(self, code: str, currency: str) -> str:
        """Return the id of a product's entry, "" when it has none."""
        return self._entries.get(wanted(code, currency), "")

    def trouble(self, code: str, currency: str) -> str:
        """Return why a product has no entry, in a few words."""
        return self._troubles.get(wanted(code, currency), "")

    def can_make(self, code: str, currency: str) -> bool:
        """Whether a product lacks only its entry, after a look that made none: nothing there stands against making it."""
        return wanted(code, currency) in self._lacking

    def learn(self, items: Iterable[tuple[Item, str]], *, makes: bool | None = None) -> None:
        """Find the entries of what was sold, each with its currency; make those that are missing where the tenant chose it.

        With `makes` false none is made: a dry run. Raises `NoPriceBook`.
        """
        self.find()
        new = {
            wanted(item.code, currency): (item, currency)
            for item, currency in items
            if wanted(item.code, currency) not in self._entries.keys() | self._troubles.keys()
        }
        self._look(list(new))
        missing = [
            each for key, each in new.items() if key not in self._entries.keys() | self._troubles.keys()
        ]
        if (self.lines.creates if makes is None else makes) and missing:
            self._make(missing)
        self._lacking |= {wanted(item.code, currency) for item, currency in missing}
        for item, currency in missing:
            key = wanted(item.code, currency)
            if key not in self._entries:
                where = f" in {currency}" if currency else ""
                words = self._unmade.get(key[0], f"{item.code} has no entry{where} in {self.words}")
                self._troubles.setdefault(key, words)

    # --- looking ------------------------------------------------------------------------------

    def _look(self, keys: Sequence[Wanted]) -> None:
        found: dict[Wanted, list[Record]] = {}
        for row in self._rows("PricebookEntry", "ProductCode", {code for code, _currency in keys}, [
            f"Pricebook2Id = {soql.text(self.id)}"
        ]):  # fmt: skip
            found.setdefault(self._key_of(row), []).append(row)
        for key in keys:
            rows = found.get(key, [])
            active = [row for row in rows if row["IsActive"]]
            if len(active) == 1:
                self._entries[key] = str(active[0]["Id"])
            elif active:
                self._troubles[key] = f"{len(active)} products in {self.words} have the code {key[0]}"
            elif rows:
                self._troubles[key] = f"{rows[0]['ProductCode']} is not active in {self.words}"

    def _key_of(self, row: Record) -> Wanted:
        return wanted(str(row["ProductCode"] or ""), str(row[CURRENCY_THERE]) if self.many else "")

    def _rows(
        self, sobject: str, name: str, values: Iterable[str], where: Sequence[str] = ()
    ) -> Iterator[Record]:
        names = ["Id", "ProductCode", "IsActive"]
        if sobject == "PricebookEntry":
            names += ["Pricebook2Id", "Product2Id", *([CURRENCY_THERE] if self.many else [])]
        else:
            names.append(KEY)
        for some in parts(sorted(values), _CODES):
            self.keep()
            yield from self.org.query(soql.select(sobject, names, [soql.one_of(name, some), *where]))

    # --- making -------------------------------------------------------------------------------

    def _make(self, missing: Sequence[tuple[Item, str]]) -> None:
        """Make what lacks: the product where no product there has its code, and its entries in both books."""
        products = self._products({item.code.casefold(): item for item, _currency in missing})
        pairs = [
            (products[item.code.casefold()], item, currency)
            for item, currency in missing
            if item.code.casefold() in products
        ]
        there = {
            (
                str(row["Pricebook2Id"]),
                str(row["Product2Id"]),
                str(row[CURRENCY_THERE]) if self.many else "",
            ): row
            for row in self._rows(
                "PricebookEntry", "Product2Id", {product for product, _item, _currency in pairs}
            )
        }
        for book in dict.fromkeys((self._standard, self.id)):
            lacking = [each for each in pairs if (book, each[0], each[2]) not in there]
            made = self._create_entries(book, lacking)
            if book == self.id:
                self._entries |= made

    def _create_entries(self, book: str, lacking: Sequence[tuple[str, Item, str]]) -> dict[Wanted, str]:
        records = [
            {"Pricebook2Id": book, "Product2Id": product, "UnitPrice": 0, "IsActive": True,
             **({CURRENCY_THERE: currency} if self.many else {})}
            for product, _item, currency in lacking
        ]  # fmt: skip
        found: dict[Wanted, str] = {}
        for place, some in enumerate(parts(records, BATCH)):
            self.keep()
            results = self.org.create_many("PricebookEntry", some)
            for (_product, item, currency), result in zip(lacking[place * BATCH :], results, strict=False):
                if result.error is None:
                    found[wanted(item.code, currency)] = result.id
                else:
                    self._troubles[wanted(item.code, currency)] = _refused(item.code, result)
        return found

    def _products(self, items: dict[str, Item]) -> dict[str, str]:
        """Return by code the ids of products there; those that are not there are made, by our key. Ambiguous ones are left out."""
        by_code: dict[str, list[str]] = {}
        by_key: dict[str, str] = {}
        for row in self._rows("Product2", "ProductCode", [item.code for item in items.values()]):
            if row["IsActive"]:
                by_code.setdefault(str(row["ProductCode"]).casefold(), []).append(str(row["Id"]))
        for row in self._rows("Product2", KEY, [str(item.product) for item in items.values()]):
            by_key[str(row[KEY]).lower()] = str(row["Id"])
        found: dict[str, str] = {}
        new: list[Item] = []
        for code, item in items.items():
            known = by_code.get(code, [])
            if str(item.product) in by_key:
                found[code] = by_key[str(item.product)]
            elif len(known) == 1:
                found[code] = known[0]
            elif known:
                self._unmade[code] = f"{len(known)} products in Salesforce have the code {item.code}"
            else:
                new.append(item)
        return found | self._create_products(new)

    def _create_products(self, new: Sequence[Item]) -> dict[str, str]:
        found: dict[str, str] = {}
        for some in parts(new, BATCH):
            records = [
                {
                    KEY: str(item.product),
                    "Name": (item.name or item.code)[:255],
                    "ProductCode": item.code,
                    "IsActive": True,
                }
                for item in some
            ]
            self.keep()
            for item, result in zip(some, self.org.write("Product2", KEY, records).results, strict=True):
                if result.error is None:
                    found[item.code.casefold()] = result.id
                else:
                    self._unmade[item.code.casefold()] = _refused(item.code, result)
        return found


def _refused(code: str, result: RowResult) -> str:
    error = result.error
    return f"{code} could not be made: {error.code}: {error.message}" if error is not None else ""


def parts(some: Sequence[T], most: int = BATCH) -> Iterator[Sequence[T]]:
    """Yield a sequence in parts of at most so many, as one call takes them."""
    for first in range(0, len(some), most):
        yield some[first : first + most]
