"""Orders: where they come from, how they are read, tied to partners and counted.

The rooms, each of which imports only rooms below it (`states`, the states of an order, stands below all):

    portal                     what a partner sees of their own referrals
    reconciliation             source = portal = Salesforce, by day, and why not
    attribution                whose orders are they: the queue, suggestions, answers
    rejects                    lines that could not be stored: corrected, tried again, dismissed
    runs                       imports: opened, previewed, run, accounted for
    doors                      the ways in: files, programs (REST)
    ingest                     the one path on which orders come in, in `reading` and `merging`
    book                       orders and their lines: list, page, reading by API
    catalogue                  products and services that orders name
    sources                    systems that send orders, and how their files are to be read

What the app contributes elsewhere: `navigation` (menu entries), `salesforce` (orders as opportunities),
`score_components` (how regularly a partner orders), `timeline_entries` (orders in a partner's story), `demo`
(sample orders). `apps` connects it at the start.
"""
