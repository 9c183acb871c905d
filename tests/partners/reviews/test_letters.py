"""Letters of a signed review: whom they are for, what they say, by mail and as PDF; and what stands beside a proposal."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from partners.directory.models import Partner
from partners.policy.queries import policy_in_force
from partners.reviews import registry
from partners.reviews.board import evidence
from partners.reviews.cycle import service
from partners.reviews.cycle.models import CycleDecision
from partners.reviews.letters.queries import deserving, letters, pdf, template
from partners.reviews.letters.rules import PLACEHOLDERS, SUBJECT, TEXT, check_template, filled
from partners.reviews.letters.service import send_letters, send_some
from partners.reviews.service import Asked, add_comment
from prm.core.clock import now
from prm.core.errors import Refused
from tests.activities.factories import visit
from tests.partners.pages import REASON, make_rising

BOARD, API = "/t/mercy/tier-review/", "/api/v1/mercy/"
MAIL = override_settings(MAIL_IS_SET_UP=True, EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")


@pytest.fixture
def signed(house, scope):
    """A signed review: Ann rises, Ben has no address, Cem is of a regulated kind, Dan is held."""
    with scope():
        people = [make_rising(name) for name in ("Ann", "Ben", "Cem", "Dan")]
        Partner.objects.filter(name="Ann").update(email="ann@agents.example")
        Partner.objects.filter(name="Cem").update(kind="physician", email="cem@clinic.example")
        cycle = service.open_cycle(by=house.manager, name="Autumn")
        asked = [Asked(one.pk, "low", "high") for one in people]
        service.note_decisions(cycle.pk, asked[:3], decision="accept", by=house.manager)
        service.note_decisions(cycle.pk, asked[3:], decision="hold", reason=REASON, by=house.manager)
        return service.sign_cycle(cycle.pk, by=house.manager)


def test_whose_tier_changes_gets_a_letter_and_nobody_of_a_regulated_kind(signed, scope):
    with scope():
        some = letters(deserving(signed), template())
        assert [(letter.decision.partner.name, letter.to) for letter in some] == [
            ("Ann", "ann@agents.example"),
            ("Ben", ""),
        ]
        assert "from 1 Jan 2027 you are in tier high with us; before it was low." in some[0].text
        assert some[0].subject == "Mercy: your standing from 1 Jan 2027"


def test_before_the_signature_there_are_no_letters(house, scope):
    with scope():
        ann = make_rising("Ann")
        cycle = service.open_cycle(by=house.manager)
        service.note_decisions(cycle.pk, [Asked(ann.pk, "low", "high")], decision="accept", by=None)
        assert not deserving(cycle).exists()
        with pytest.raises(Refused, match="not signed"):
            send_letters(cycle)


def test_letters_are_a_pdf_whatever_names_contain(signed, scope):
    with scope():
        Partner.objects.filter(name="Ann").update(name='#panic("no") *Ann* [x] \\ "q" {company}')
        some = letters(deserving(signed), template())
        made = pdf(some)
        assert made.startswith(b"%PDF-")
        assert len(re.findall(rb"/Type\s*/Page\b", made)) == 2
        assert any("#panic" in letter.text for letter in some)


@MAIL
def test_letters_go_out_once_with_their_pdf(signed, scope):
    with scope():
        assert send_letters(signed) == 1
        while send_some():
            pass
        assert [message.to for message in mail.outbox] == [["ann@agents.example"]]
        assert mail.outbox[0].attachments[0][2] == "application/pdf"
        assert CycleDecision.objects.get(partner__name="Ann").letter == "sent"
        with pytest.raises(Refused, match="No letter is left"):
            send_letters(signed)


@override_settings(MAIL_IS_SET_UP=False)
def test_without_a_mail_server_nothing_is_asked_for(signed, scope):
    with scope():
        with pytest.raises(Refused, match="Print the letters"):
            send_letters(signed)
        assert not CycleDecision.objects.exclude(letter="").exists()


@pytest.mark.parametrize(
    ("subject", "text", "words"),
    [
        ("", "x", "needs words"),
        ("x", "Dear {partnr}", "{partnr} stands for nothing"),
        ("a\nb", "x", "one line"),
    ],
)
def test_a_template_that_cannot_be_filled_is_refused(subject, text, words):
    with pytest.raises(Refused, match=re.escape(words)):
        check_template(subject, text)


def test_the_words_as_delivered_can_be_filled():
    check_template(SUBJECT, TEXT)


@given(
    st.dictionaries(st.sampled_from(sorted(PLACEHOLDERS)), st.text()), st.text(alphabet="ab {}", max_size=20)
)
def test_values_are_never_read_as_names(values, rest):
    template = " ".join(f"{{{name}}}" for name in values)
    assert filled(template, values) == " ".join(values.values())
    assert filled(rest, {}) == rest


def test_the_page_shows_prints_and_changes_the_words(signed, scope, house, client_for):
    bob = client_for(house.manager)
    html = bob.get(f"{BOARD}cycles/{signed.pk}/letters/").content.decode()
    assert "your standing from 1 Jan 2027" in html
    assert "no e-mail address" in html
    assert "Cem" not in html
    answer = bob.get(f"{BOARD}cycles/{signed.pk}/letters/", {"pdf": "1"})
    assert answer["Content-Type"] == "application/pdf"
    bob.post(BOARD + "letter/", {"letter_subject": "New tier, {partner}", "letter_text": "Now {to_tier}."})
    assert "New tier, Ann" in bob.get(f"{BOARD}cycles/{signed.pk}/letters/").content.decode()
    refused = bob.post(BOARD + "letter/", {"letter_subject": "x", "letter_text": "{nonsense}"})
    assert "stands for nothing" in refused.content.decode()
    assert client_for(house.rep).get(f"{BOARD}cycles/{signed.pk}/letters/").status_code == 403


def test_letters_by_api_and_command(signed, house, client_for, tmp_path):
    bob = client_for(house.manager)
    found = bob.get(f"{API}review-cycles/{signed.pk}/letters/").json()["results"]
    assert [one["to"] for one in found] == ["ann@agents.example", ""]
    call_command("tier_review", "--tenant", "mercy", "--letters", str(tmp_path / "letters.pdf"))
    assert (tmp_path / "letters.pdf").read_bytes().startswith(b"%PDF-")
    with MAIL:
        assert bob.post(f"{API}review-cycles/{signed.pk}/send-letters/").json() == {"letters": 1}


# --- evidence -------------------------------------------------------------------------------------


def test_visits_and_what_the_rep_says_stand_beside_a_proposal(house, scope, client_for):
    with scope():
        ann = make_rising("Ann")
        visit(ann, house.rep, days_ago=20)
    client_for(house.rep).post(
        f"/t/mercy/partners/{ann.pk}/word/", {"text": "Moving infusion to us in January."}
    )
    with scope():
        partner = Partner.objects.with_standing().get(pk=ann.pk)
        facts = dict(evidence(partner, policy_in_force(), house.tenant).facts)
        assert facts["Visits"].startswith("1 of ")
        assert facts["Rep says"].startswith("“Moving infusion to us in January.”")


def test_the_last_word_counts_and_needs_words(house, scope, client_for):
    with scope():
        ann = make_rising("Ann")
        add_comment(ann.pk, text="First.", by=house.rep)
        add_comment(ann.pk, text="Second.", by=house.rep)
        with pytest.raises(Refused):
            add_comment(ann.pk, text="  ", by=house.rep)
        assert ann.review_comments.first().text == "Second."
    made = client_for(house.rep).post(
        f"{API}review-comments/", {"partner": str(ann.pk), "text": "Third."}, content_type="application/json"
    )
    assert made.status_code == 201


def test_the_largest_order_says_what_part_of_the_revenue_it_is(house, scope):
    from orders.book.models import Order
    from tests.orders.factories import make_source

    with scope():
        ann = make_rising("Ann")
        month = now().date().replace(day=1)
        Order.objects.create(
            source=make_source(), number="1", partner=ann, placed_at=now() - timedelta(days=3), month=month,
            currency=house.tenant.currency, amount=6_450, units=1,
        )  # fmt: skip
        facts = dict(registry.facts(ann, month.replace(year=month.year - 1), month))
        assert (
            next(words for head, words in facts.items() if head.startswith("Largest"))
            == "$6,450, 50% of it, 20 Nov"
        )
