"""What a digest says: by rights, cut to what is read, known again tomorrow."""

from datetime import timedelta

import pytest
from django.urls import reverse

from prm.accounts.rights import Right, rights_of
from prm.core.clock import now
from prm.digest.choices.queries import arranged_for
from prm.digest.lines import registry
from prm.digest.lines.queries import SHOWN, digest_for
from prm.digest.lines.registry import Act, Line, Topic, topics_for
from prm.digest.sending.queries import present_digest
from prm.tenancy.context import tenant_scope


def topic(key, lines, *, right=Right.PARTNER_VIEW, is_news=False):
    return Topic(
        key=key,
        label=key.capitalize(),
        nouns=lambda: (f"{key} thing", f"{key} things"),
        right=right,
        url_name="partners:list",
        find=lambda asking: lines,
        is_news=is_news,
    )


@pytest.fixture
def only(monkeypatch):
    """Put other topics in the place of all."""

    def put(*topics):
        monkeypatch.setattr(registry, "_topics", {})
        registry.register(topics)

    return put


def digest(member):
    return digest_for(member, since=now() - timedelta(days=1), until=now())


def test_a_topic_tells_only_whom_its_right_opens_it(in_mercy, only):
    only(topic("tiers", [Line("One")], right=Right.TIER_DECIDE), topic("all", [Line("Two")]))
    told = {who: [s.topic.key for s in digest(getattr(in_mercy, who)).sections] for who in ("manager", "rep")}
    assert told == {"manager": ["all", "tiers"], "rep": ["all"]}


def test_news_alone_is_no_reason_to_write(in_mercy, only):
    only(topic("news", [Line("One")], is_news=True))
    assert digest(in_mercy.rep).is_empty
    only(topic("news", [Line("One")], is_news=True), topic("needs", [Line("Two")]))
    found = digest(in_mercy.rep)
    assert (found.is_empty, found.headline, found.count) == (False, "1 needs thing", 1)
    assert [section.topic.key for section in found.sections] == ["needs", "news"]


def test_long_topics_are_cut_and_say_how_many_more(in_mercy, only):
    lines = [Line(f"Thing {number}") for number in range(SHOWN + 3)]
    only(topic("many", [*lines, Line("And more", count=40)]))
    [section] = digest(in_mercy.rep).sections
    assert (len(section.lines), section.total, section.more) == (SHOWN, SHOWN + 43, 43)
    assert section.words == f"{SHOWN + 43} many things"


def test_the_headline_names_three_and_counts_the_rest(in_mercy, only):
    only(*(topic(key, [Line(key)]) for key in "abcde"))
    assert digest(in_mercy.rep).headline == "1 a thing, 1 b thing, 1 c thing and 2 more"


def test_the_same_is_known_again_by_its_mark_and_news_make_no_other_digest(in_mercy, only):
    only(topic("needs", [Line("2 days late", mark="x")]))
    first = digest(in_mercy.rep).print
    only(topic("needs", [Line("3 days late", mark="x")]), topic("news", [Line("New")], is_news=True))
    assert digest(in_mercy.rep).print == first
    only(topic("needs", [Line("3 days late", mark="y")]))
    assert digest(in_mercy.rep).print != first


def test_muted_topics_are_not_told(house, promise):
    with tenant_scope(house.tenant):
        plan = arranged_for(house.rep)
        assert present_digest(house.rep, plan).count
        found = digest_for(house.rep, since=now(), until=now(), muted=["promises", "visits-due"])
    assert found.is_empty


def test_two_of_one_key_are_a_mistake():
    act = Act(key="x", label="X", right=Right.PARTNER_VIEW, ask=lambda *_: None, do=lambda *_: None)
    with pytest.raises(ValueError, match="acts of the digest"):
        registry.register([], [act, Act(**{name: getattr(act, name) for name in act.__slots__})])
    registry._acts.pop("x")


def test_every_topic_says_its_words_and_leads_to_a_page_that_its_readers_may_open(house, client_for):
    """Walks all roles: a line that leads to a refusal would be worse than none."""
    for member in (house.administrator, house.manager, house.rep):
        client = client_for(member)
        with tenant_scope(house.tenant):
            found = [
                (one.key, one.heading, one.nouns(), one.url_name) for one in topics_for(rights_of(member))
            ]
        assert found
        for key, heading, nouns, url_name in found:
            assert heading[0].isupper(), key
            assert all(nouns), key
            assert client.get(reverse(url_name, kwargs={"tenant": "mercy"})).status_code == 200, key


def test_a_partners_people_are_told_nothing():
    assert topics_for({Right.OWN_REFERRALS}) == []
