"""Who chose a way, a user or a key stands in the audit trail; secrets do not, and renewals leave nothing."""

from datetime import timedelta

from django.db.models import F

from prm.salesforce.credentials import keys, renewing
from prm.salesforce.credentials.models import Credential
from prm.salesforce.engine.models import SyncState
from prm.salesforce.runs.tokens import StoredTokens
from tests.salesforce.credentials.test_keys import by_key, connect  # noqa: F401 # a fixture
from tests.salesforce.credentials.test_renewing import sign_in_by_person

EVENTS = Credential.pgh_event_model


def trail():
    return list(EVENTS.objects.order_by("pgh_id").values_list("pgh_label", "way", "username"))


def test_connecting_and_replacing_a_key_are_told(by_key):  # noqa: F811
    user = "integration@default.example"
    assert trail() == [("insert", "secret", ""), ("update", "key", user)]
    keys.make()
    assert trail()[-1] == ("update", "key", user)
    sign_in_by_person(by_key)
    assert trail()[-1] == ("update", "person", user)
    assert EVENTS.objects.latest("pgh_id").allowed_by == "Ada"


def test_no_secret_is_in_the_trail(by_key):  # noqa: F811
    kept = {field.name for field in EVENTS._meta.get_fields()}
    assert kept & {"private_key", "next_key", "refresh_token"} == set()
    told = str(list(EVENTS.objects.values()))
    assert "PRIVATE KEY" not in told and "BEGIN CERTIFICATE" in told


def test_a_renewal_leaves_nothing(by_key):  # noqa: F811
    sign_in_by_person(by_key)
    before = trail()
    for _ in range(2):
        StoredTokens().renew(SyncState.objects.get().access_token)
    Credential.objects.update(lost_at=F("renewed_at") - timedelta(hours=1))
    turn = renewing.begin(SyncState.objects.get().access_token)
    renewing.give_up(turn, renewing.errors.SignInRefused("no", code="invalid_grant", refusal="invalid_grant"))
    assert trail() == before
