"""The models of this app's rooms, imported for Django to find."""

from orders.attribution.models import Answer
from orders.book.models import IgnoredCode, Order, OrderLine, OrderShare, OrderValue, ShareRule
from orders.catalogue.models import Product
from orders.rates.models import ExchangeRate, RatePolicy
from orders.reconciliation.models import (
    ControlTotal,
    ReconciledDay,
    ReconciliationMail,
    RejectedFigure,
    SignOff,
)
from orders.rejects.models import RejectedLine
from orders.runs.models import HeldBefore, ImportRun
from orders.samples.models import FileSample
from orders.sources.models import OrderSource

__all__ = [
    "Answer",
    "ControlTotal",
    "ExchangeRate",
    "FileSample",
    "HeldBefore",
    "IgnoredCode",
    "ImportRun",
    "Order",
    "OrderLine",
    "OrderShare",
    "OrderSource",
    "OrderValue",
    "Product",
    "RatePolicy",
    "ReconciledDay",
    "ReconciliationMail",
    "RejectedFigure",
    "RejectedLine",
    "ShareRule",
    "SignOff",
]
