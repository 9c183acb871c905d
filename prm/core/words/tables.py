"""Words of names, kept in a table of their own, by which rows are found as a person types.

Under row-level security an index is used for comparisons only that are leakproof: =, < and >= of texts are,
LIKE and the operators of trigrams are not. So each word of a name is a row (in small letters, without accents),
kept by the database itself, and what begins with a text is a range of it in byte order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from uuid import UUID

import pgtrigger
from django.db import connection, models

from prm.core.types import SqlValue

SPLIT: Final = "regexp_split_to_table(lower(unaccent({text})), '[^[:alnum:]]+')"
LONGEST: Final = 40

# Above every letter: what begins with a text stands before the text with this behind it.
_LAST: Final = "\U0010ffff"
# Rows of words looked at for one question; somebody who types one letter waits for no more.
_MOST_READ: Final = 5_000

_RANGED = TypeVar("_RANGED", bound="models.QuerySet[models.Model]")


def after(text: str) -> str:
    """Return the end of the range, in byte order, of all that begins with the text."""
    return text + _LAST


def beginning(queryset: _RANGED, field: str, text: str) -> _RANGED:
    """Keep rows whose field (a text in byte order) begins with the text, by an index."""
    return queryset.filter(**{f"{field}__gte": text, f"{field}__lt": after(text)})


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text as names are kept, each once; one query, since PostgreSQL knows how."""
    sql = f"SELECT DISTINCT left(w.word, {LONGEST}) FROM {SPLIT.format(text='%s')} AS w (word) WHERE w.word <> ''"  # nosec B608 # names are our own, values are parameters
    with connection.cursor() as cursor:
        cursor.execute(sql, [text])
        return tuple(sorted((word for (word,) in cursor), key=lambda word: (-len(word), word)))


@dataclass(frozen=True, slots=True)
class WordTable:
    """A table of words: `table` holds `(tenant_id, <owner>, word)`; `owner` is the column of the named row's id."""

    table: str
    owner: str

    @property
    def _changed(self) -> str:
        return "(SELECT n.* FROM new_rows n JOIN old_rows o USING (tenant_id, id) WHERE n.name <> o.name)"

    def _drop(self, named: str) -> str:
        return (
            f"DELETE FROM {self.table} w USING {named} AS p"
            f" WHERE w.tenant_id = p.tenant_id AND w.{self.owner} = p.id"  # nosec B608 # names are our own, values are parameters
        )

    def write(self, named: str) -> str:
        """Return the statement that enters the words of `named`: rows with `tenant_id`, `id`, `name`."""
        return (
            f"INSERT INTO {self.table} (tenant_id, {self.owner}, word)"
            f" SELECT DISTINCT p.tenant_id, p.id, left(w.word, {LONGEST})"
            f" FROM {named} AS p CROSS JOIN LATERAL {SPLIT.format(text='p.name')} AS w (word)"
            " WHERE w.word <> '' ON CONFLICT DO NOTHING"  # nosec B608 # names are our own, values are parameters
        )

    def triggers(self) -> tuple[pgtrigger.Trigger, pgtrigger.Trigger]:
        """Return the triggers that keep the words with the names, once per statement."""
        return (
            pgtrigger.Trigger(
                name="words_of_new_names",
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                level=pgtrigger.Statement,
                referencing=pgtrigger.Referencing(new="named"),
                func=f"{self.write('named')}; RETURN NULL;",
            ),
            pgtrigger.Trigger(
                name="words_of_changed_names",
                operation=pgtrigger.Update,
                when=pgtrigger.After,
                level=pgtrigger.Statement,
                referencing=pgtrigger.Referencing(old="old_rows", new="new_rows"),
                func=f"{self._drop(self._changed)}; {self.write(self._changed)}; RETURN NULL;",
            ),
        )

    def named(self, words: Sequence[str], *, tenant_id: UUID, most: int) -> list[UUID]:
        """Return ids of at most `most` rows in whose name each of the words begins a word; the exact ones first."""
        if not words:
            return []
        sql, values = self.statement(words, tenant_id=tenant_id, most=most)
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return [pk for (pk,) in cursor]

    def statement(
        self, words: Sequence[str], *, tenant_id: UUID, most: int
    ) -> tuple[str, dict[str, SqlValue]]:
        """Return the statement of `named` and its parameters.

        Read are the words that begin with the longest of those asked for, at most 5,000, and of their rows
        the other words by key.
        """
        longest, *others = sorted(words, key=lambda word: (-len(word), word))
        sql = f"""
            WITH near AS MATERIALIZED (
                SELECT {self.owner} AS id, word FROM {self.table}
                WHERE tenant_id = %(tenant)s AND word >= %(word)s AND word < %(after)s
                ORDER BY word LIMIT {_MOST_READ}
            )
            SELECT n.id FROM near n
            WHERE NOT EXISTS (
                SELECT FROM unnest(%(others)s::text[], %(afters)s::text[]) AS o (word, after)
                WHERE NOT EXISTS (
                    SELECT FROM {self.table} w
                    WHERE w.tenant_id = %(tenant)s AND w.{self.owner} = n.id
                      AND w.word >= o.word AND w.word < o.after
                )
            )
            GROUP BY n.id ORDER BY min(n.word), n.id LIMIT %(most)s
        """  # nosec B608 # names are our own, values are parameters
        return sql, {
            "tenant": tenant_id,
            "word": longest,
            "after": after(longest),
            "others": others,
            "afters": [after(word) for word in others],
            "most": most,
        }
