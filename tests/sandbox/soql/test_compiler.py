import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.org import SandboxOrg

BASE = "/services/data/v66.0"
SHARED = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150
)


def quote(text, like=False):
    """A SOQL string literal, as a careful client writes it."""
    text = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    if like:
        text = text.replace("%", "\\%").replace("_", "\\_")
    return f"'{text}'"


@pytest.fixture(scope="module")
def filled():
    org = SandboxOrg()
    rows = [
        ("Alpha", 10, 100.5, "2026-01-01T00:00:00Z", "Healthcare"),
        ("beta", None, 50.0, "2026-02-01T00:00:00Z", None),
        ("Gamma", 30, None, "2026-03-01T00:00:00Z", "Insurance"),
        ("delta", 10, 0.0, "2026-03-01T00:00:00Z", "healthcare"),
    ]
    parent = None
    for name, staff, revenue, stamp, industry in rows:
        parent = org.seed.row(
            "Account",
            Name=name,
            NumberOfEmployees=staff,
            AnnualRevenue=revenue,
            SystemModstamp=stamp,
            Industry=industry,
            ParentId=parent,
        )
    return org


def names(org, where, order=" ORDER BY Name", **options):
    body = org.queries.run(org.integration, f"SELECT Name FROM Account{where}{order}", base=BASE, **options)
    return [record["Name"] for record in body["records"]]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("Name = 'ALPHA'", ["Alpha"]),
        ("Name != 'alpha'", ["beta", "delta", "Gamma"]),
        ("Name LIKE '%et%'", ["beta"]),
        ("Name LIKE '_eta'", ["beta"]),
        ("NOT Name LIKE '%a'", []),
        ("Name IN ('alpha', 'GAMMA')", ["Alpha", "Gamma"]),
        ("NumberOfEmployees = null", ["beta"]),
        ("NumberOfEmployees != null", ["Alpha", "delta", "Gamma"]),
        ("NumberOfEmployees != 10", ["beta", "Gamma"]),
        ("NOT NumberOfEmployees = 10", ["beta", "Gamma"]),
        ("NumberOfEmployees NOT IN (10)", ["beta", "Gamma"]),
        ("NumberOfEmployees IN (30, null)", ["beta", "Gamma"]),
        ("AnnualRevenue >= 50", ["Alpha", "beta"]),
        ("AnnualRevenue < 1 OR AnnualRevenue = 50.0", ["beta", "delta"]),
        ("(Name = 'alpha' OR Name = 'beta') AND AnnualRevenue > 60", ["Alpha"]),
        ("Industry = 'HEALTHCARE'", ["Alpha", "delta"]),
        ("Industry = ''", ["beta"]),
        ("Name > 'beta'", ["delta", "Gamma"]),
        ("SystemModstamp > 2026-02-01T00:00:00Z", ["delta", "Gamma"]),
        ("SystemModstamp >= 2026-02-01T01:00:00+01:00", ["beta", "delta", "Gamma"]),
        ("SystemModstamp = 2026-03-01T00:00:00.000+0000", ["delta", "Gamma"]),
        ("SystemModstamp < 2026-02-02", ["Alpha", "beta"]),
        ("CreatedDate = TODAY", ["Alpha", "beta", "delta", "Gamma"]),
        ("CreatedDate < LAST_N_DAYS:3", []),
        ("CreatedDate > YESTERDAY AND CreatedDate <= TODAY", ["Alpha", "beta", "delta", "Gamma"]),
        ("Parent.Name = 'alpha'", ["beta"]),
        ("Parent.Parent.Name = 'alpha'", ["Gamma"]),
        ("ParentId = null", ["Alpha"]),
        ("Account.Name = 'beta'", ["beta"]),
        ("Id IN (SELECT ParentId FROM Account WHERE Name = 'beta')", ["Alpha"]),
        ("Id NOT IN (SELECT ParentId FROM Account)", ["delta"]),
        ("IsDeleted = false", ["Alpha", "beta", "delta", "Gamma"]),
    ],
)
def test_conditions_select_what_salesforce_selects(filled, where, expected):
    assert names(filled, f" WHERE {where}") == expected


def test_order_limit_and_offset(filled):
    assert names(filled, "", " ORDER BY AnnualRevenue, Name") == ["Gamma", "delta", "beta", "Alpha"]
    assert names(filled, "", " ORDER BY AnnualRevenue DESC NULLS LAST") == ["Alpha", "beta", "delta", "Gamma"]
    assert names(filled, "", " ORDER BY SystemModstamp DESC, Id ASC LIMIT 2") == ["Gamma", "delta"]
    assert names(filled, "", " ORDER BY Name LIMIT 2 OFFSET 1") == ["beta", "delta"]


def test_parents_nest_and_missing_ones_are_null(filled):
    body = filled.queries.run(
        filled.integration,
        "select name, parent.name, Parent.Parent.Name from account order by systemmodstamp, id limit 2",
        base=BASE,
    )
    first, second = body["records"]
    assert first["Parent"] is None
    assert second["Name"] == "beta"
    assert second["Parent"]["Name"] == "Alpha"
    assert second["Parent"]["attributes"]["type"] == "Account"
    assert second["Parent"]["Parent"] is None


def test_counts_and_aggregates(filled):
    def run(soql):
        return filled.queries.run(filled.integration, soql, base=BASE)

    assert run("SELECT COUNT() FROM Account WHERE Name LIKE '%a'") == {
        "totalSize": 4,
        "done": True,
        "records": [],
    }
    record = run("SELECT COUNT(Id), SUM(AnnualRevenue) total, MAX(SystemModstamp) FROM Account")["records"][0]
    assert (record["expr0"], record["total"], record["expr1"]) == (4, 150.5, "2026-03-01T00:00:00.000+0000")
    grouped = run("SELECT NumberOfEmployees, COUNT(Id) n FROM Account GROUP BY NumberOfEmployees")["records"]
    assert [(each["NumberOfEmployees"], each["n"]) for each in grouped] == [(None, 1), (10, 2), (30, 1)]


@pytest.mark.parametrize(
    ("soql", "code", "text"),
    [
        ("SELECT FROM Account", "MALFORMED_QUERY", "FROM"),
        ("SELECT Id", "MALFORMED_QUERY", "unexpected end"),
        ("SELECT Id FROM Account WHERE", "MALFORMED_QUERY", "unexpected"),
        ("SELECT Id FROM Account WHERE Name = 'x", "MALFORMED_QUERY", "no viable"),
        ("SELECT Id FROM Account; DROP TABLE x", "MALFORMED_QUERY", ";"),
        ("SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'", "MALFORMED_QUERY", "OR"),
        ("SELECT Id FROM Account WHERE Name = 'a\\z'", "MALFORMED_QUERY", "Illegal character sequence"),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "MALFORMED_QUERY", "not modelled"),
        ("SELECT Id FROM Account LIMIT x", "MALFORMED_QUERY", "number"),
        ("SELECT Name, COUNT(Id) FROM Account", "MALFORMED_QUERY", "grouped"),
        ("SELECT Id FROM Acount", "INVALID_TYPE", "Acount"),
        ("SELECT Nam FROM Account", "INVALID_FIELD", "Row:1:Column:8"),
        ("SELECT Id, id FROM Account", "INVALID_FIELD", "duplicate field selected"),
        ("SELECT Boss.Name FROM Account", "INVALID_FIELD", "relationship 'Boss'"),
        ("SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD", "enclosed in quotes"),
        ("SELECT Id FROM Account WHERE CreatedDate > '2026-01-01T00:00:00Z'", "INVALID_FIELD", "dateTime"),
        ("SELECT Id FROM Account WHERE NumberOfEmployees = '5'", "INVALID_FIELD", "should not be enclosed"),
        ("SELECT Id FROM Account WHERE Description = 'x'", "INVALID_FIELD", "can not be filtered"),
        ("SELECT Id FROM Account ORDER BY Description", "INVALID_FIELD", "can not be sorted"),
        ("SELECT Id FROM Account WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: x"),
        ("SELECT Id FROM Account WHERE IsDeleted > true", "INVALID_FIELD", "invalid operator"),
        ("SELECT Id FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "2000"),
    ],
)
def test_bad_queries_are_refused_with_the_place(filled, soql, code, text):
    with pytest.raises(SandboxError) as refused:
        filled.queries.run(filled.integration, soql, base=BASE)
    assert refused.value.code == code
    assert text in refused.value.message


@SHARED
@given(st.text(min_size=1, max_size=60))
def test_quoted_strings_find_their_own_record_and_no_other(filled, text):
    stored = text.strip()[:200]
    if not stored:
        return
    with filled.store.transaction():
        made = filled.seed.row("Contact", LastName=stored)
        filled.seed.row("Contact", LastName=stored + "x")
        soql = f"SELECT Id, LastName FROM Contact WHERE LastName = {quote(stored)}"
        records = filled.queries.run(filled.integration, soql, base=BASE)["records"]
        filled.store.execute('DELETE FROM "Contact"')
    assert [(each["Id"], each["LastName"]) for each in records] == [(made, stored)]


@SHARED
@given(st.text("aB%_\\'x\n", min_size=1, max_size=12))
def test_escaped_like_matches_literally(filled, text):
    if not text.strip():
        return
    with filled.store.transaction():
        made = filled.seed.row("Contact", LastName="<" + text + ">")
        filled.seed.row("Contact", LastName="<" + "".join("y" if c in "%_" else c for c in text) + "z>")
        soql = f"SELECT Id FROM Contact WHERE LastName LIKE {quote('<' + text + '>', like=True)}"
        records = filled.queries.run(filled.integration, soql, base=BASE)["records"]
        filled.store.execute('DELETE FROM "Contact"')
    assert [each["Id"] for each in records] == [made]
