"""Which of this app's records have own fields."""

from orders.book.models import OrderValue
from prm.ownfields.registry import OwnRecord
from prm.tenancy.context import order_nouns

OWN_RECORDS = [OwnRecord(key="order", nouns=order_nouns, model=OrderValue, record="order", order=30)]
