"""One run for a tenant: its lane, its session, its budget, its patience, the comparison of everything.

The door is `run.sync(wish)`, in the background the task `salesforce.sync_tenant`. How records are exchanged is
the engine's business.
"""
