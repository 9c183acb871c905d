"""What a change of a member takes away, in words to agree to."""

from dataclasses import dataclass

from prm.accounts.models import Membership
from prm.accounts.rights import LABELS, RIGHTS


@dataclass(frozen=True, slots=True)
class Loss:
    """`key` is what the form sends to agree to exactly this, `sentence` what is lost, `button` the act."""

    key: str
    sentence: str
    button: str


def words_of_loss(member: Membership, *, role: str, is_active: bool) -> Loss | None:
    """Return what the member loses by an end or a demotion, None for any other change."""
    if not member.is_active:
        return None
    if not is_active:
        sentence = (
            f"{member.user} can no longer come in here. Their work stays, and you can let them in again."
        )
        return Loss("end", sentence, f"End {member.user}'s membership")
    # A manager has no panel as a rep has, and is promoted nevertheless: the number of rights says which way it goes.
    if len(RIGHTS.get(member.role, frozenset())) <= len(RIGHTS.get(role, frozenset())):
        return None
    label = LABELS.get(role, role)
    sentence = (
        f"{member.user} is no longer {member.role_label} but {label}, at once: what only the former may see and do "
        "here is closed to them."
    )
    return Loss(role, sentence, f"Make {member.user} {label}")
