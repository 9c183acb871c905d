"""`L` and `I` act on the row that has the cursor: lists say whom their rows are about."""

import pytest

from prm.tenancy.context import tenant_scope
from tests.activities import factories as make


@pytest.mark.parametrize("path", ["partners/", "today/", "panel/", "insights/", "opportunities/"])
def test_rows_say_whom_they_are_about(mercy, elena, rep, path):
    with tenant_scope(mercy.tenant):
        make.insight(elena, mercy.rep)
        make.opportunity(elena, mercy.rep)
        make.visit(elena, mercy.rep, days_ago=100)  # in another quarter than today
    html = rep.get(f"/t/mercy/{path}").text
    if path == "partners/":  # a list with boxes: those say it
        assert 'data-prm-about-of="partner"' in html
        assert f'name="id" value="{elena.pk}"' in html
    else:
        assert f'data-prm-about="partner={elena.pk}"' in html
    assert 'data-prm-takes="partner"' in html


def test_what_takes_a_partner_opens_for_it(mercy, elena, rep):
    assert elena.name in rep.get(f"/t/mercy/visits/log/?partner={elena.pk}").text
    assert elena.name in rep.get(f"/t/mercy/insights/add/?partner={elena.pk}").text
