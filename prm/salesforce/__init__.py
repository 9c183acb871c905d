"""Keeping Salesforce in step with what the apps declare in their `salesforce.py` (`prm/mapping`).

The rooms, each importing only those after it: `setup` and `inbox` (what people do), `pages` (health, and
what all pages share), `counting` (what is there, by day, for whoever reckons), `runs` (one run), `engine` (push, pull, decide, apply), `mapping` (registry and change capture), `wire`
(HTTP). Nothing here knows a domain app. README.md says what is promised.
"""
