"""Who sees which object and field.

Standard objects and fields are open to everybody. A custom object needs ObjectPermissions, a
custom field FieldPermissions, in a permission set assigned to the user; until then both do not
exist for that user. Required custom fields cannot be hidden. The administrator of the org's own
pages sees everything.
"""
