"""The front door of an org's API: which call means what, who may call, faults, and the journal."""
