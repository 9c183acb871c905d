import json
from io import StringIO

from django.core.management import call_command

from prm.tenancy.context import tenant_scope
from tests.activities import factories as people
from tests.activities.campaigns import factories as make


def test_the_command_counts_and_says_what_campaigns_brought(mercy):
    with tenant_scope(mercy.tenant):
        made = make.running(people.partner())
        make.ask(make.token(made), agent="curl/8")
    out = StringIO()
    call_command("campaigns", "--tenant", "mercy", "--count", stdout=out)
    assert out.getvalue().startswith("Echo lab opens: E-mail · 1 mailed, no one held out")
    out = StringIO()
    call_command("campaigns", "--tenant", "mercy", "--json", stdout=out)
    (found,) = json.loads(out.getvalue())["campaigns"]
    assert (found["figures"]["sent"], found["filtered"]) == (1, {"Robots by name": 1})
