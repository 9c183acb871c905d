"""People, their one role in a tenant, what a role or a key may do, and how people and machines come in.

`rights` is the one table of roles and the guard of pages; `http.TenantRequest` is the request as views get it;
`service` and `keys` write.
"""
