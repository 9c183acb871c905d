"""`make bench`: every benchmark, one after the other, or the one named first.

make bench                                       # all, on made-up data
make bench ARGS="import_orders online_retail_by_day.zip"   # on the real lines (UCI Online Retail, daily files)
make bench ARGS="standings --partners 2000 --rounds 1"     # a quick try
"""

import sys

from bench import import_orders, standings

BENCHES = {"import_orders": import_orders.main, "standings": standings.main}

if __name__ == "__main__":
    words = sys.argv[1:]
    if words and words[0] in BENCHES:
        BENCHES[words[0]](words[1:])
    else:
        # Bare words are the data of the imports, as they were before there was a second benchmark.
        import_orders.main(words)
        standings.main([])
