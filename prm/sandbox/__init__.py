"""A local organisation that speaks enough of the Salesforce API to demonstrate and test with.

An island: it imports nothing of the product, and the product never imports it. Tests and the
command line start it by `org.SandboxOrg` and `server.SandboxServer`. See README.md.
"""
