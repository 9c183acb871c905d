"""Products and services that orders name, by code within the tenant; families of them, and codes that mean the same.

Others may use `models`, `queries.alike` (all that a product stands for), `service`, and `choosing` (by typing). Rows are written by the import,
which takes each code's latest name. A product that is another one keeps its lines: whoever reads them asks for
`Product.main`, so that a merge costs nothing and is taken back as easily.
"""
