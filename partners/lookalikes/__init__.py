"""Partners that look like one: pairs found by name, phone, e-mail, city and code, and what people say of them.

How alike two are is told by `partners.directory.likeness`; two that are one are merged in `partners.merges`.
Others call `service`. Who says *two* is not asked again about the pair.
`digest_topics.py` is what the digest tells of them.
"""
