"""`make bench`: every benchmark, one after the other, or the one named first.

make bench                                       # all, on made-up data
make bench ARGS="online_retail_by_day.zip"       # all, the import on real lines (UCI Online Retail, daily files)
make bench ARGS="volume --lines 1000000 --held 0"           # what a plain `make bench` leaves out: it takes long
make bench ARGS="standings --partners 2000 --rounds 1"     # one of them, a quick try
"""

import sys

from bench import (
    adopt,
    competition,
    crowd,
    fairness,
    import_orders,
    pages,
    salesforce,
    standings,
    sync_latency,
    volume,
    web_visits,
)

BENCHES = {
    "import_orders": import_orders.main,
    "standings": standings.main,
    "salesforce": salesforce.main,
    "adopt": adopt.main,
    "pages": pages.main,
    "crowd": crowd.main,
    "competition": competition.main,
    "fairness": fairness.main,
    "sync_latency": sync_latency.main,
}
LONG = {"volume": volume.main, "web_visits": web_visits.main}


def main(words: list[str]) -> None:
    """Run what the words name; bare words are the data of the import."""
    if words and (one := (BENCHES | LONG).get(words[0])):
        one(words[1:])
        return
    for name, run in BENCHES.items():
        print(f"\n== {name}", flush=True)
        run(words if name == "import_orders" else [])


if __name__ == "__main__":
    main(sys.argv[1:])
