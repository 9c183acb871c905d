"""Lines of records as line items with products, where a tenant wants them.

A run calls `sending.LineSender` after everything else was sent, the audit `comparing.compare_lines`, the dry run
`trying.try_lines`. Products are looked up in the organisation by their code (`pricebook.py`) and made only where a tenant chose
that; `wanted.py` says what should be there. A set of line items is compared with what is there before anything is written, and
every line item carries a key of ours, so that whatever is repeated doubles nothing.
"""
