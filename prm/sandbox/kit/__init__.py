"""What every room may use: types, clock, record ids, refusals, requests and answers. Imports no room."""
