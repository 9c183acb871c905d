"""The products of an opportunity that is about several: an amount for each, which together make its amount.

An opportunity about one product has it in `Opportunity.product` and no parts. Called from outside: `service`, `queries`;
`rules` (pure) says how parts follow a new amount, `writing` how a cell of a list says them.
"""
