"""What other rooms hear of the policy."""

from django.dispatch import Signal

#: A version is to hold from `valid_from` on. A receiver refuses a day under which a decision was already made.
policy_dating = Signal()
