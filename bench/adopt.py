"""What it costs to find out which of 10,000 accounts are ours, among 10,000 partners: calls and time.

A tenant with that many partners meets a sandbox org, in a process of its own, that holds as many accounts: a third names
the partner's code, a third the name and city, a tenth shares the phone under another name, the rest is nobody here.

    python -m bench adopt [--partners N]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

import requests

from bench.common import fresh_tenant, manage, start_django, stop_if_wrong
from bench.salesforce import Org, sandbox

GOAL_CALLS, GOAL_SECONDS = 60, 120
CHUNK = 1_000
_FIRST = ("Aisha", "Tomas", "Karen", "Robert", "Priya", "Yusuf", "Hannah", "Ignacio", "Claire", "James")
_LAST = (
    "Siddiqui",
    "Herrera",
    "Lindqvist",
    "Chow",
    "Halloran",
    "Raman",
    "Demir",
    "Brandvold",
    "Fuentes",
    "Okafor",
)


def name_of(number: int) -> str:
    """Return the name of a partner: first and last repeat, as names do, the middle one tells them apart."""
    middle = "".join(chr(97 + int(digit)) for digit in f"{number:05}")
    return f"{_FIRST[number % 10]} {middle.capitalize()} {_LAST[number // 10 % 10]}"


def make_partners(slug: str, partners: int) -> None:
    """Partners with codes, names, phones and cities."""
    from partners.directory.models import Partner
    from partners.directory.service import create_partners_from_codes
    from prm.tenancy.context import tenant_scope
    from prm.tenancy.models import Tenant

    with tenant_scope(Tenant.objects.get(slug=slug)):
        codes = {f"C{number:06}": name_of(number) for number in range(partners)}
        create_partners_from_codes(codes, kind="agent", scheme="customer number")
        rows = list(Partner.objects.order_by("name"))
        for number, partner in enumerate(rows):
            partner.city, partner.phone = f"City {number % 50}", f"555 1{number:06}"
        Partner.objects.bulk_update(rows, ["city", "phone"], batch_size=CHUNK)


def make_accounts(org: Org, slug: str, partners: int) -> None:
    """Make accounts that a company has before it meets us."""
    from partners.directory.models import Partner
    from prm.tenancy.context import tenant_scope
    from prm.tenancy.models import Tenant

    with tenant_scope(Tenant.objects.get(slug=slug)):
        rows = list(Partner.objects.order_by("name").values_list("name", "city", "phone", "codes__code"))
    made = []
    for number, (name, city, phone, code) in enumerate(rows):
        kinds = (
            {"Name": name, "AccountNumber": code},
            {"Name": name, "BillingCity": city},
            {"Name": f"Clinic {number}", "Phone": phone} if number % 10 == 2 else {"Name": f"Other {number}"},
        )
        made.append({"op": "create", "object": "Account", "fields": kinds[number % 3]})
    for first in range(0, partners, CHUNK):
        requests.post(
            f"{org.url}/__sandbox__/change", json=made[first : first + CHUNK], timeout=300
        ).raise_for_status()


def main(arguments: Sequence[str] | None = None) -> None:
    """Read once and once again, and print calls and time."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--partners", type=int, default=10_000)
    options = parser.parse_args(arguments)
    start_django()
    slug = fresh_tenant()
    make_partners(slug, options.partners)
    with sandbox() as org:
        make_accounts(org, slug, options.partners)
        client = ("--client-id", org.client_id, "--client-secret-file", str(org.secret_file))
        manage("salesforce_connect", "--tenant", slug, "--login-url", org.url, *client)
        manage("salesforce_setup", "--tenant", slug)
        org.forget()
        output, wall, _ = manage("salesforce_adopt", "--tenant", slug, "--json")
        log, found = org.log(), json.loads(output)
        again, wall_again, _ = manage("salesforce_adopt", "--tenant", slug, "--json")
    stop_if_wrong(
        [f"written: {log['records_written']}"] * bool(log["records_written"])
        + [f"read {found['read']}"] * (found["read"] != options.partners)
        + ["a second reading finds something else"] * (json.loads(again)["counts"] != found["counts"])
    )
    print(f"found    {', '.join(f'{count:,} {state}' for state, count in sorted(found['counts'].items()))}")
    print(
        f"adopt    {found['calls']} calls, {wall:.1f} s for {options.partners:,} accounts against as many partners "
        f"(goal {GOAL_CALLS} calls, {GOAL_SECONDS} s); once more {wall_again:.1f} s"
    )


if __name__ == "__main__":
    main()
