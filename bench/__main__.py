"""`make bench`: every benchmark, one after the other.

make bench                                       # made-up lines of the shape of Online Retail
make bench ARGS="online_retail_by_day.zip"       # the real ones (UCI Online Retail, daily files)
"""

from bench import import_orders

if __name__ == "__main__":
    import_orders.main()
