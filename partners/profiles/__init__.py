"""Partners as people look them up: the list with filters and export, one partner's page, both by API.

Others add to the page by `parts.PagePart`. Nothing is written here but through other rooms' services. `settings_parts`
puts the kinds of partner on the page of settings.

`own.py` has the tenant's own fields in the list, `own_fields.py` says that partners have some.

`columns.py` says which columns the list has, `groups.py` sums it by rep, tier, region or country, `bulk.py` and `bulk_api.py` are the
pages and the API of acts on many partners (`partners.bulk`).
"""
