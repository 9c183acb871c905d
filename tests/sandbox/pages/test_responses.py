import html
import re

import pytest
import requests


@pytest.fixture
def account(keyed):
    return keyed.create("Account", Name="<b>Clinic</b>", PRM_Id__c="a", Phone="1", Description="one\r\ntwo")


def page(api, path="", **options):
    return requests.get(f"{api.url}/{path}", timeout=10, **options)


def form_of(text):
    """The form's fields with the values a browser would send."""
    fields = dict(re.findall(r'<input type=\w+ id="f-\w+" name="(\w+)" value="([^"]*)"', text))
    fields |= dict(re.findall(r'<textarea id="f-\w+" name="(\w+)" rows=3>([^<]*)</textarea>', text))
    return {name: html.unescape(value) for name, value in fields.items()}


def test_objects_and_records_are_listed(api, account):
    home = page(api)
    assert home.status_code == 200
    assert f'href="/{api.org.name}/Account"' in home.text
    listed = page(api, "Account")
    assert "&lt;b&gt;Clinic&lt;/b&gt;" in listed.text
    assert "<b>Clinic" not in listed.text
    assert "No records" in page(api, "Account", params={"q": "nobody"}).text
    assert account in page(api, "Account", params={"q": account}).text


def test_long_lists_have_pages(api):
    for number in range(60):
        api.org.seed.row("Account", Name=f"A{number:02}")
    first = page(api, "Account").text
    assert first.count("<tr>") == 51
    assert "Page 1 of 2" in first
    assert page(api, "Account", params={"page": 2}).text.count("<tr>") == 11


def test_a_change_on_the_page_is_the_administrators(api, account):
    before = api.rows("SELECT SystemModstamp FROM Account")[0]
    api.org.clock.advance(5)
    url = f"{api.url}/Account/{account}"
    form = form_of(requests.get(url, timeout=10).text) | {"Name": "Hospital", "_do": "save"}
    saved = requests.post(url, data=form, timeout=10)
    assert "Saved: Name." in saved.text
    row = api.rows("SELECT Name, Phone, Description, LastModifiedById, SystemModstamp FROM Account")[0]
    assert (row["Name"], row["Phone"], row["Description"]) == ("Hospital", "1", "one\r\ntwo")
    assert row["LastModifiedById"] == api.org.administrator.id
    assert row["SystemModstamp"] > before["SystemModstamp"]


def test_an_unchanged_form_writes_nothing(api, account):
    url = f"{api.url}/Account/{account}"
    stamp = api.rows("SELECT SystemModstamp FROM Account")
    api.org.clock.advance(5)
    saved = requests.post(url, data=form_of(requests.get(url, timeout=10).text), timeout=10)
    assert "Nothing was different" in saved.text
    assert api.rows("SELECT SystemModstamp FROM Account") == stamp


def test_refusals_are_shown(api, account):
    url = f"{api.url}/Account/{account}"
    api.org.faults.add(kind="validation", object="Account", message="Not <today>.")
    answer = requests.post(url, data={"Name": "Hospital"}, timeout=10).text
    assert "Not &lt;today&gt;." in answer
    assert "role=alert" in answer


def test_delete_on_the_page(api, account):
    answer = requests.post(f"{api.url}/Account/{account}", data={"_do": "delete"}, timeout=10)
    assert "Deleted." in answer.text
    assert api.rows("SELECT Id FROM Account") == []


def test_what_was_deleted_is_in_the_bin_and_is_restored(api, account):
    child = api.create(
        "Opportunity", Name="O", StageName="Closed Won", CloseDate="2026-11-01", AccountId=account
    )
    url = f"{api.url}/Account/{account}"
    requests.post(url, data={"_do": "delete"}, timeout=10)
    assert account not in page(api, "Account").text
    assert 'href="' + f"/{api.org.name}/Account?bin=1" in page(api, "Account").text
    assert account in page(api, "Account", params={"bin": "1"}).text
    assert "recycle bin" in requests.get(url, timeout=10).text
    assert "Restored." in requests.post(url, data={"_restore": "1"}, timeout=10).text
    assert [row["Id"] for row in api.rows("SELECT Id FROM Opportunity")] == [child]
    assert account not in page(api, "Account", params={"bin": "1"}).text


def test_merge_on_the_page(api, account):
    loser = api.create("Account", Name="Loser", PRM_Id__c="b")
    child = api.create(
        "Opportunity", Name="O", StageName="Closed Won", CloseDate="2026-11-01", AccountId=loser
    )
    answer = requests.post(f"{api.url}/Account/{account}", data={"_loser": loser[:15]}, timeout=10)
    assert "Merged" in answer.text
    assert api.rows("SELECT Id, AccountId FROM Opportunity") == [{"Id": child, "AccountId": account}]
    gone = requests.get(f"{api.url}/Account/{loser}", timeout=10).text
    assert "was merged into" in gone and account in gone


@pytest.mark.parametrize("loser", ["", "x", "003000000000001AAA", "001000000000009AAA"])
def test_nonsense_is_not_merged(api, account, loser):
    answer = requests.post(f"{api.url}/Account/{account}", data={"_loser": loser}, timeout=10).text
    assert "role=alert" in answer
    assert api.rows("SELECT Id FROM Account") == [{"Id": account}]


def test_only_what_salesforce_merges_offers_it(api, account):
    made = api.create("Campaign", Name="C")
    assert "Merge into this one" in page(api, f"Account/{account}").text
    assert "Merge into this one" not in page(api, f"Campaign/{made}").text


def test_forms_from_other_sites_are_refused(api, account):
    answer = requests.post(
        f"{api.url}/Account/{account}",
        data={"Name": "x"},
        headers={"Origin": "https://evil.example"},
        timeout=10,
    )
    assert answer.status_code == 403
    assert api.rows("SELECT Name FROM Account")[0]["Name"] == "<b>Clinic</b>"


def test_pages_have_no_inline_style_or_script_and_every_input_a_label(api, account):
    answer = page(api, f"Account/{account}")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "<script" not in answer.text
    assert "style=" not in answer.text
    inputs = re.findall(r'id="(f-\w+)"', answer.text)
    assert inputs
    assert all(f'<label for="{each}">' in answer.text for each in inputs)
    assert page(api, "style.css").headers["Content-Type"] == "text/css"


def test_unknown_pages_are_404(api):
    for path in ("Nothing", "Account/001000000000001AAA", "Account/x", "Account/a/b"):
        assert page(api, path).status_code == 404


def test_checkboxes_can_be_unticked(api):
    made = api.create("Campaign", Name="C", IsActive=True)
    url = f"{api.url}/Campaign/{made}"
    # A browser sends the hidden twin alone when the box is empty, both when it is ticked.
    requests.post(url, data=[("IsActive", "false"), ("IsActive", "true")], timeout=10)
    assert api.rows("SELECT IsActive FROM Campaign") == [{"IsActive": True}]
    requests.post(url, data={"IsActive": "false"}, timeout=10)
    assert api.rows("SELECT IsActive FROM Campaign") == [{"IsActive": False}]


def test_a_page_number_that_is_none_is_refused(api):
    assert page(api, "Account", params={"page": "x"}).status_code == 400


def test_a_value_outside_the_choices_stays_chosen(api):
    made = api.create("Account", Name="A", Industry="Own Industry")
    shown = page(api, f"Account/{made}").text
    assert '<option value="Own Industry" selected>' in shown
    assert '<option value="Healthcare">' in shown


def test_references_lead_to_their_records(api):
    made = api.create("Account", Name="A")
    owner = api.org.integration.id
    assert f'<a href="/{api.org.name}/User/{owner}">' in page(api, f"Account/{made}").text


def test_objects_that_nobody_writes_have_no_form(api):
    stage = api.rows("SELECT Id FROM OpportunityStage")[0]["Id"]
    shown = page(api, f"OpportunityStage/{stage}")
    assert shown.status_code == 200
    assert "<form" not in shown.text


def test_a_deleted_record_is_said_to_be_in_the_bin(api):
    made = api.create("Account", Name="A")
    api.delete(f"/sobjects/Account/{made}")
    shown = page(api, f"Account/{made}")
    assert (shown.status_code, "recycle bin" in shown.text) == (404, True)


def test_the_search_is_kept_from_page_to_page(api):
    for number in range(60):
        api.org.seed.row("Account", Name=f"A&B {number}")
    shown = page(api, "Account", params={"q": "A&B"}).text
    assert "?q=A%26B&amp;page=2" in shown
    assert 'value="A&amp;B"' in shown
