"""The page behind a link, and what administrators see of invitations."""

import re

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client

from prm.accounts.models import Invitation, Membership, User
from prm.accounts.signin.throttle import LINKS
from prm.tenancy.context import tenant_scope
from prm.ui.formatting import breakable

ADDRESS = "new@else.example"
ANSWER = {"name": "Nora", "password": "long enough now"}


@pytest.fixture
def alice(mercy, client_for):
    return client_for(mercy.administrator)


@pytest.fixture
def delivers(settings):
    settings.MAIL_DELIVERS = settings.MAIL_IS_SET_UP = True


def invite(client, email=ADDRESS, slug="mercy", **fields):
    return client.post(f"/t/{slug}/members/add/", {"email": email, "name": "Nora", "role": "rep", **fields})


def handed(answer):
    return re.search(r"/invitation/[^\"\s]+", answer.text)[0]


def mailed():
    return re.search(r"/invitation/\S+", mail.outbox[-1].body)[0]


def test_by_the_mailed_link_somebody_new_becomes_a_member(mercy, alice, delivers):
    answer = invite(alice)
    assert answer.status_code == 302
    assert mail.outbox[0].to == [ADDRESS]
    assert "Alice invites you to join Mercy as rep" in mail.outbox[0].body
    assert "/invitation/" not in alice.get("/t/mercy/members/").text
    nora = Client()
    page = nora.get(mailed())
    # No other site gets the link as a referrer; with "no-referrer" browsers would send no origin either,
    # and the form would be refused as a forgery.
    assert (page.status_code, page["Referrer-Policy"]) == (200, "same-origin")
    assert "no-store" in page["Cache-Control"]
    assert nora.post(mailed(), ANSWER)["Location"] == "/t/mercy/"
    assert nora.get("/t/mercy/today/").status_code == 200
    user = User.objects.get(email=ADDRESS)
    assert (user.name, user.home, user.check_password(ANSWER["password"])) == ("Nora", None, True)
    assert Client().get(mailed()).status_code == 404


def test_following_a_link_changes_nothing(mercy, alice, delivers):
    invite(alice)
    for _ in range(3):
        assert Client().get(mailed()).status_code == 200
    assert not User.objects.filter(email=ADDRESS).exists()


def test_who_has_an_account_signs_in_and_accepts(mercy, anchor, alice, delivers, client_for):
    charlie = client_for(anchor.administrator)
    invite(alice, "charlie@anchor.example")
    assert "Accept as Charlie" in charlie.get(mailed()).text
    assert charlie.post(mailed())["Location"] == "/t/mercy/"
    assert charlie.get("/t/mercy/today/").status_code == 200


def test_the_door_leads_back_to_the_link(mercy, anchor, alice, delivers):
    invite(alice, "charlie@anchor.example")
    client = Client()
    path = re.search(r'/account/login/\?next=[^"]+', client.get(mailed()).text)[0]
    answer = client.post(
        path, {"login": "charlie@anchor.example", "password": "secret-pass", "next": mailed()}
    )
    assert answer["Location"] == mailed()


def test_somebody_else_cannot_accept(mercy, anchor, alice, delivers, client_for):
    invite(alice)
    carla = client_for(anchor.manager)
    assert f"signed in as {breakable('carla@anchor.example')}" in carla.get(mailed()).text
    assert "for new@else.example" in carla.post(mailed(), ANSWER).text
    assert carla.get("/t/mercy/").status_code == 404
    assert not User.objects.filter(email=ADDRESS).exists()


def bare(html):
    """Without tokens, addresses and ids, which differ anyhow."""
    return re.sub(
        r'(value|nonce|content|action|href)="[^"]*"|hx-headers=\S+ \S+|[\w.]+@[\w.]+',
        "",
        html.replace("<wbr>", ""),
    )


def test_the_page_of_a_handed_link_says_nothing_of_whether_the_address_is_known(mercy, anchor, alice):
    """The administrator holds such a link: neither looking at it nor using it tells."""
    unknown, known = handed(invite(alice)), handed(invite(alice, "charlie@anchor.example"))
    assert bare(Client().get(known).text) == bare(Client().get(unknown).text)
    for path in (known, unknown):
        client = Client()
        assert client.post(path, ANSWER)["Location"] == "/t/mercy/"
        assert client.get("/t/anchor/").status_code == 404
    assert "Charlie" not in alice.get("/t/mercy/members/").text
    assert User.objects.get(email="charlie@anchor.example", home=None).check_password("secret-pass")


def test_the_answer_to_an_invitation_says_nothing_of_whether_the_address_is_known(mercy, anchor, alice):
    for email in (ADDRESS, "charlie@anchor.example"):
        invite(alice, email, name="")
    rows = re.findall(r"<tr>.*?</tr>", alice.get("/t/mercy/members/").text, re.DOTALL)
    invited = [bare(row) for row in rows if "Link handed over" in row]
    assert len(invited) == 2
    assert invited[0] == invited[1]
    assert bare(invite(alice, ADDRESS).text) == bare(invite(alice, "charlie@anchor.example").text)


@pytest.mark.parametrize("password", ["short", "password", "12345678", "new@else.example", ""])
def test_weak_passwords_are_refused(mercy, alice, password):
    path = handed(invite(alice))
    answer = Client().post(path, {"name": "Nora", "password": password})
    assert answer.context["form"].errors.keys() == {"password"}
    assert not User.objects.filter(email=ADDRESS).exists()


def test_wrong_links_are_alike_and_slowed_down_and_a_right_one_is_never(mercy, alice):
    path = handed(invite(alice))
    wrong = [path[:-2] + "x/", path.replace("mercy", "nowhere"), path.replace("mercy", "anchor")]
    texts = {bare(Client().get(one).text) for one in wrong}
    assert len(texts) == 1
    answers = [Client().get(wrong[0]).status_code for _ in range(LINKS.limit)]
    assert set(answers) == {404, 429}
    assert Client().get(path).status_code == 200


def test_an_invitation_gives_no_right_anywhere(mercy, anchor, alice, client_for):
    """Somebody with an account, invited and asking by every door: a stranger still."""
    invite(alice, "charlie@anchor.example", role="administrator")
    charlie = client_for(anchor.administrator)
    for path in ("/t/mercy/", "/t/mercy/members/", "/api/v1/mercy/schema/", "/api/v1/mercy/partners/"):
        assert charlie.get(path).status_code == 404
    assert "Mercy" not in charlie.get("/?choose").text
    with tenant_scope(mercy.tenant):
        assert Membership.objects.count() == 3


def test_an_invitation_is_sent_again_and_revoked(mercy, alice, delivers):
    invite(alice)
    first = mailed()
    with tenant_scope(mercy.tenant):
        pk = Invitation.objects.get().pk
    assert alice.post(f"/t/mercy/members/invitations/{pk}/send/").status_code == 302
    assert mailed() != first
    assert Client().get(first).status_code == 404
    assert alice.post(f"/t/mercy/members/invitations/{pk}/revoke/").status_code == 302
    assert Client().get(mailed()).status_code == 404
    alice.get("/t/mercy/members/")  # says so in a toast
    assert ADDRESS not in alice.get("/t/mercy/members/").text


def test_another_tenants_invitation_is_not_there(mercy, anchor, alice, client_for):
    invite(alice)
    with tenant_scope(mercy.tenant):
        pk = Invitation.objects.get().pk
    charlie = client_for(anchor.administrator)
    for act in ("send", "revoke"):
        assert charlie.post(f"/t/anchor/members/invitations/{pk}/{act}/").status_code == 404


class Broken(EmailBackend):
    def send_messages(self, messages):
        raise ConnectionRefusedError("no server")


def test_a_mail_server_that_fails_is_said_and_the_invitation_waits(mercy, alice, delivers, settings):
    settings.EMAIL_BACKEND = f"{__name__}.Broken"
    answer = alice.post("/t/mercy/members/add/", {"email": ADDRESS, "role": "rep"}, follow=True)
    assert answer.status_code == 200
    assert "did not take the message" in answer.text
    assert "Not sent" in answer.text


def test_without_mail_the_link_is_shown_once(mercy, alice, settings):
    settings.MAIL_IS_SET_UP = settings.MAIL_DELIVERS = False
    path = handed(invite(alice))
    assert not mail.outbox
    assert path not in alice.get("/t/mercy/members/").text
    assert Client().get(path).status_code == 200


def test_an_administrator_hands_a_member_without_mail_a_sign_in_link(mercy, alice):
    path = handed(invite(alice))
    nora = Client()
    nora.post(path, ANSWER)
    with tenant_scope(mercy.tenant):
        pk = Membership.objects.get(user__email=ADDRESS).pk
    assert "Make a sign-in link" in alice.get(f"/t/mercy/members/{pk}/").text
    link = handed(alice.post(f"/t/mercy/members/{pk}/sign-in-link/"))
    again = Client()
    assert again.post(link, {**ANSWER, "password": "quite another one"}).status_code == 302
    assert again.get("/t/mercy/today/").status_code == 200
    assert nora.get("/t/mercy/today/").status_code == 302
    assert "Make a sign-in link" not in alice.get(f"/t/mercy/members/{mercy.rep.pk}/").text
    refused = alice.post(f"/t/mercy/members/{mercy.rep.pk}/sign-in-link/", follow=True)
    assert "sends a link for a new password" in refused.text


def test_the_command_invites_too(mercy, delivers):
    from io import StringIO

    from django.core.management import call_command

    out = StringIO()
    call_command("invite", ADDRESS, tenant="mercy", role="rep", stdout=out)
    assert "Invitation sent" in out.getvalue()
    out = StringIO()
    call_command("invite", ADDRESS, "--link", tenant="mercy", role="rep", stdout=out)
    assert Client().get(re.search(r"/invitation/\S+", out.getvalue())[0]).status_code == 200
