"""Partners as people look them up: the list with filters and export, one partner's page, both by API.

Others add to the page by `parts.PagePart`. Nothing is written here but through `directory.service`.
"""
