"""What needs somebody: lines that other apps tell, put together for one member.

Apps fill `registry`; `queries.digest_for` asks the topics that a member's rights open.
"""
