"""An answer in words: what was decided, for toasts and the list of what is settled."""

from orders.attribution.models import Answer
from orders.attribution.states import AnswerKind
from prm.tenancy.context import current_tenant, order_nouns
from prm.ui.formatting import plural


def answer_words(answer: Answer) -> str:
    """Return what was decided, as the beginning of a sentence without a full stop."""
    noun = current_tenant().partner_noun
    whose = answer.partner.name if answer.partner else f"a {noun} that is gone"
    some = plural(answer.orders, *order_nouns())
    match answer.kind:
        case AnswerKind.TIED_CODE:
            certain = ", a certain match" if answer.is_certain else ""
            return f"{answer.code} is {whose}{certain}"
        case AnswerKind.SET_ASIDE_CODE:
            return f"{answer.code} is not a {noun}"
        case AnswerKind.TIED_ORDERS:
            had = f", from {answer.previous.name}" if answer.previous else ""
            return f"{some} tied to {whose}{had}"
        case AnswerKind.UNTIED_ORDERS:
            return f"{some} taken from {answer.previous.name if answer.previous else whose}"
    return f"{some} set aside"
