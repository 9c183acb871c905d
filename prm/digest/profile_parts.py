"""The section of the profile that says when and of what one is told."""

from collections.abc import Mapping

from prm.accounts.models import Membership
from prm.accounts.profile.parts import ProfilePart
from prm.accounts.rights import rights_of
from prm.digest.choices.queries import choice_of, default
from prm.digest.lines.registry import topics_for
from prm.digest.pages.forms import ChoiceForm
from prm.digest.pages.presentation import choice_context
from prm.tenancy.context import current_tenant


def _about() -> str:
    return f"Only what needs you. {current_tenant().name} only; other organisations have their own."


def _context(member: Membership) -> Mapping[str, object] | None:
    topics = topics_for(rights_of(member))
    if not topics:
        return None
    form = ChoiceForm(None, kept=choice_of(member), usual=default(), topics=topics)
    return choice_context(member, form)


PROFILE_PARTS = [
    ProfilePart(
        key="digest",
        title="Digest",
        about=_about,
        template="digest/choice_form.html",
        context=_context,
        order=10,
    )
]
