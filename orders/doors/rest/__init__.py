"""The door for programs: orders as JSON, one or a batch, answered one by one.

Others may call `incoming` (take orders) and `serializers` (their description).
"""
