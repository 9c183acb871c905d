"""The REST kit: callers, strict JSON and bodies, fields, orders, pages of results, limits, problem details, schema.

`callers` says who calls, `parsing` and `serializers` refuse what would be read two ways or not taken, `ordering` asks for
the right to see what it sorts by, `limits` counts calls, `operations` says of what all views have in common how the
schema describes it. Each app's views stand on it (`views`); there is no view of an
app here.
"""
