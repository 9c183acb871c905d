"""What people must look at: records that are held back, and values that both sides changed.

The doors are `service.py` (`try_again`, `create_again`, `choose`, `choose_all`, `choose_many`, `undo`) and
`queries.py`. `words.py` shows values as people know them, `records.py` says of one record why it differs, by the causes of `reasons.py`.
"""
