"""Who owns there what a rep has here: Salesforce's users by e-mail, a fallback owner, and what people choose.

`service.keep_up` is called by every run; `looking` says how everybody stands, for the page, the API and the command.
"""
