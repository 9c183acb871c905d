"""The pages on which a tenant is connected: by a person who allows it, by a key, or by a secret.

`service.py` keeps a sign-in that a person has begun: `prepare`, `way_there`, `way_back`. What Salesforce grants is
bound to the tenant by `prm.salesforce.setup.service`, in the background (`errands`).
"""
