"""The field mapping as people choose it: draft, check, dry run, versions, undo, file.

`service.py` has every write; `looking.py` shows a mapping row by row with what stands against it. What is chosen, and the
mapping that follows from it, is `prm.salesforce.mapping` (`choices`, `registry`).
"""
