"""Tags of partners: free words of the tenant, put on and taken off singly and many at a time.

A tag is there as long as somebody has it. `service` has every write, `queries` the words and how often each is used. The
room stands below the directory: it knows partners by their ids.
"""
