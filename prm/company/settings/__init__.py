"""What a company says of itself: name, logo, colour, words, currency, time zone, year, and how numbers are written.

The facts stand in the row of the tenant, the changes in `models`. `colour` measures contrast, `logo` reads pictures,
`moves` tells other apps of what moves figures, `parts` takes what other apps put on the page. Others call `service`
and `queries`.
"""
