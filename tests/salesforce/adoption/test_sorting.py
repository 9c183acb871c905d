"""What is certain, what a person decides, and what is new: each on its own evidence."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from prm.mapping import Candidate, Recognised
from prm.salesforce.adoption.sorting import LINKED_ALREADY, TAKEN, There, noun_there, nouns_there, sort
from prm.salesforce.matches.models import Match

A, B = UUID(int=1), UUID(int=2)
S = Match.State


def there(number=1, **details):
    return There(sf_id=f"001{number:015}", name=f"Account {number}", **details)


def is_certain(record_id=A):
    return Recognised(
        is_certain=True, candidates=(Candidate(record_id=record_id, name="A", reason="Same NPI."),)
    )


def may_be(*ids, doubt="Same phone, another name"):
    some = tuple(Candidate(record_id=each, name="A", reason="Same phone.") for each in ids)
    return Recognised(candidates=some, doubt=doubt)


def states(rows, found, linked=None):
    return [(one.state, one.doubt) for one in sort(rows, found, linked=linked or {}, noun="partner")]


def test_one_account_for_one_partner_is_certain():
    assert states([there()], [is_certain()]) == [(S.CERTAIN, "")]


def test_nobody_like_it_is_new():
    assert states([there()], [Recognised()]) == [(S.NEW, "")]


def test_two_accounts_for_one_partner_are_both_to_decide():
    doubt = "Several accounts for one partner"
    assert states([there(1), there(2)], [is_certain(), is_certain()]) == [(S.OPEN, doubt)] * 2


def test_what_somebody_elses_system_has_filled_is_never_certain():
    assert states([there(key="x")], [is_certain()]) == [(S.OPEN, TAKEN)]


def test_a_partner_with_another_twin_is_to_decide():
    assert states([there()], [is_certain()], {A: "001other"}) == [(S.OPEN, LINKED_ALREADY)]
    assert states([there()], [is_certain()], {A: there().sf_id}) == [(S.CERTAIN, "")]


def test_doubt_is_kept_in_its_words():
    assert states([there()], [may_be(A, B)]) == [(S.OPEN, "Same phone, another name")]


recognised = st.one_of(
    st.just(Recognised()),
    st.sampled_from([A, B]).map(is_certain),
    st.lists(st.sampled_from([A, B]), min_size=1, max_size=2, unique=True).map(lambda ids: may_be(*ids)),
)


@given(st.lists(st.tuples(recognised, st.sampled_from(["", "other"])), max_size=8), st.booleans())
def test_never_are_two_accounts_certain_for_one_partner(rows, a_is_linked):
    found = [one for one, _ in rows]
    theirs = [there(number, key=key) for number, (_, key) in enumerate(rows)]
    linked = {A: "001linkedalready"} if a_is_linked else {}
    result = sort(theirs, found, linked=linked, noun="partner")
    assert [one.there for one in result] == theirs
    certain = [one.first.record_id for one in result if one.state == S.CERTAIN]
    assert len(certain) == len(set(certain))
    assert not (a_is_linked and A in certain)
    assert all(not one.there.key for one in result if one.state == S.CERTAIN)
    assert all(one.state == S.NEW for one in result if not one.candidates)


def test_words_are_those_of_the_kind_of_record():
    (one, other) = sort(
        [there(1), there(2)], [is_certain(), is_certain()], linked={}, noun="contact", there="contact"
    )
    assert one.doubt == other.doubt == "Several contacts for one contact"
    nobody = sort([there()], [Recognised(doubt="Without an account")], linked={}, noun="contact")
    assert [(each.state, each.doubt) for each in nobody] == [(S.NEW, "Without an account")]
    assert (noun_there("CampaignMember"), nouns_there("Opportunity")) == ("campaign member", "opportunities")
