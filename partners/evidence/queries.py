"""Whom many rows mean: a fixed number of queries, whatever their number; read are only partners that share something."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import CharField, F, Func, Q, QuerySet, Value
from django.db.models.functions import Lower, Right, Trim

from partners.directory.models import AliasWord, Partner, PartnerAlias, PartnerWord, ReferralCode
from partners.evidence.keys import (
    PHONE_DIGITS,
    TITLES,
    digits_key,
    domain_key,
    email_key,
    name_key,
    phone_key,
    place_key,
)
from partners.evidence.rules import FEWEST_DIGITS, Clues, Known, Verdict, judge
from partners.evidence.sql import words_of_names
from prm.core.words.spelling import spelling_key, spellings

# Partners of one place whose names share a word are compared one by one; more are no clue.
_MOST_ALIKE = 200


def recognise(clues: Sequence[Clues], *, among: Q | None = None) -> list[Verdict]:
    """Return whom each row means, among all partners or those of a condition (eight queries, nine with domains)."""
    index = _Index(_known(_ids_for(clues), among))
    return [judge(one, index.sharing(one)) for one in clues]


def _ids_for(clues: Sequence[Clues]) -> set[UUID]:
    """Return the partners that share a code, an address, a phone or the longest word of a name with a row."""
    return {
        *(UUID(one.id) for one in clues if one.id),
        *_by_code(clues),
        *_by_address(clues),
        *_by_domain(clues),
        *_by_name(clues),
    }


def _by_code(clues: Sequence[Clues]) -> Iterator[UUID]:
    normals = {code for one in clues for code in (one.npi, one.tax_id, one.code[1]) if code}
    if not normals:
        return
    # By their figures as well, as the directory keeps them: people write some in groups.
    bare = {
        digits for code in normals if len(digits := digits_key(code)) >= FEWEST_DIGITS and digits.isdecimal()
    }
    yield from ReferralCode.objects.filter(normal__in=normals).values_list("partner_id", flat=True)
    yield from ReferralCode.objects.filter(digits__in=bare).values_list("partner_id", flat=True)


def _by_address(clues: Sequence[Clues]) -> Iterator[UUID]:
    emails = {one.email for one in clues if one.email}
    phones = {one.phone for one in clues if one.phone}
    if not emails and not phones:
        return
    digits = Func(
        F("phone"),
        Value("[^0-9]"),
        Value(""),
        Value("g"),
        function="regexp_replace",
        output_field=CharField(),
    )
    rows: QuerySet[Partner] = Partner.objects.annotate(
        email_form=Lower(Trim("email")), phone_form=Right(digits, PHONE_DIGITS)
    ).filter(Q(email_form__in=emails) | Q(phone_form__in=phones))
    yield from rows.values_list("pk", flat=True)


def _by_domain(clues: Sequence[Clues]) -> Iterator[UUID]:
    domains = {one.domain for one in clues if one.domain}
    if not domains:
        return
    host = Func(
        Lower("website"),
        Value("^[a-z]+://(?:www\\.)?([^/:?#]+)"),
        function="substring",
        output_field=CharField(),
    )
    mail = Func(Lower(Trim("email")), Value("@"), Value(2), function="split_part", output_field=CharField())
    rows: QuerySet[Partner] = Partner.objects.annotate(host=host, mail_domain=mail)
    yield from rows.filter(Q(host__in=domains) | Q(mail_domain__in=domains)).values_list("pk", flat=True)


def _by_name(clues: Sequence[Clues]) -> Iterator[UUID]:
    words = {way for one in clues for way in _ways(one)}
    if words:
        yield from PartnerWord.objects.filter(word__in=words).values_list("partner_id", flat=True).distinct()
        yield from (
            AliasWord.objects.filter(word__in=words).values_list("alias__partner_id", flat=True).distinct()
        )


def _ways(clues: Clues) -> set[str]:
    """Return the telling word of a row's name in all its spellings."""
    words = {longest_word(one) for one in (clues.words, clues.written_out) if one}
    return {way for word in words for way in spellings(word)}


def longest_word(words: Iterable[str]) -> str:
    """Return the word of a name that tells most: the longest, and of those the last in the alphabet."""
    return max((word for word in words if word not in TITLES), key=lambda word: (len(word), word), default="")


def _known(ids: Iterable[UUID], among: Q | None) -> list[Known]:
    rows = (
        Partner.objects.filter(among or Q(), pk__in=set(ids))
        .values_list("pk", "name", "specialty", "kind", "city", "email", "phone", "is_active", "website")
        .annotate(all_words=ArrayAgg("words__word", distinct=True, default=[]))
    )
    codes = defaultdict[UUID, set[tuple[str, str]]](set)
    for pk, scheme, normal in ReferralCode.objects.filter(
        partner_id__in=[row[0] for row in rows]
    ).values_list("partner_id", "scheme_key", "normal"):
        codes[pk].add((scheme, normal))
    aliases = _aliases(row[0] for row in rows)
    return [
        Known(
            id=str(pk),
            name=name,
            note=", ".join(
                filter(None, (specialty or kind.capitalize(), city, "" if is_active else "not active"))
            ),
            words=name_key([word for word in words if word]),
            city=place_key(city),
            email=email_key(email),
            phone=phone_key(phone),
            codes=frozenset(codes[pk]),
            aliases=tuple(aliases[pk]),
            domains=frozenset(filter(None, (domain_key(email), domain_key(website)))),
        )
        for pk, name, specialty, kind, city, email, phone, is_active, website, words in rows
    ]


def _aliases(ids: Iterable[UUID]) -> dict[UUID, list[frozenset[str]]]:
    found = defaultdict[UUID, list[frozenset[str]]](list)
    rows = list(PartnerAlias.objects.filter(partner_id__in=list(ids)).values_list("partner_id", "name"))
    for (pk, _), words in zip(rows, words_of_names([name for _, name in rows]), strict=True):
        found[pk].append(name_key(words))
    return found


class _Index:
    """Partners by all that rows may share with them."""

    def __init__(self, known: Sequence[Known]) -> None:
        self._by = defaultdict[tuple[str, ...], list[Known]](list)
        for one in known:
            self._by["id", one.id].append(one)
            for scheme, code in one.codes:
                self._by["code", code].append(one)
                self._by["code", scheme, code].append(one)
                self._by["figures", digits_key(code)].append(one)
            if one.email:
                self._by["email", one.email].append(one)
            if one.phone:
                self._by["phone", one.phone].append(one)
            for domain in one.domains:
                self._by["domain", domain].append(one)
            for words in (one.words, *one.aliases):
                self._by["name", *_spelt(words)].append(one)
                for word in words:
                    self._by["word", spelling_key(word), one.city].append(one)

    def sharing(self, clues: Clues) -> list[Known]:
        """Return the partners that share something with a row."""
        scheme, code = clues.code
        keys: list[tuple[str, ...]] = [("id", clues.id), ("email", clues.email), ("phone", clues.phone)]
        keys += [("figures", digits_key(one)) for one in (clues.npi, clues.tax_id, code)]
        keys.append(("code", scheme, code) if scheme else ("code", code))
        if len(self._by.get(("domain", clues.domain), ())) <= _MOST_ALIKE:
            keys.append(("domain", clues.domain))
        found = {one.id: one for key in keys if key[-1] for one in self._by.get(key, ())}
        if clues.words:
            found |= {one.id: one for one in self._by.get(("name", *_spelt(clues.words)), ())}
            word = spelling_key(longest_word(clues.words))
            near = self._by.get(("word", word, clues.city), []) if clues.city else []
            found |= {one.id: one for one in near if len(near) <= _MOST_ALIKE}
        return list(found.values())


def _spelt(words: Iterable[str]) -> list[str]:
    return sorted(map(spelling_key, words))
