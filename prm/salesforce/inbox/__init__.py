"""What people must look at: records that are held back, and values that both sides changed.

The door is `service.py`: `try_again`, `create_again`, `choose`.
"""
