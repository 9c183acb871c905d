"""The page of the owners, beside that of the mapping, and its API. `prm.salesforce.owners` does what they ask for."""
