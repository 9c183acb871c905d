"""Words of campaigns: states, channels, groups, kinds of acts, and why a request was not counted."""

from django.db.models import TextChoices


class CampaignState(TextChoices):
    """How far a campaign is."""

    DRAFT = "draft", "Draft"
    RUNNING = "running", "Running"
    ENDED = "ended", "Ended"


class Channel(TextChoices):
    """By what a campaign reaches people."""

    EMAIL = "email", "E-mail"
    EVENT = "event", "Event"
    MAILING = "mailing", "Mailing"
    PAGE = "page", "Page"


SENT_WORDS = {
    Channel.EMAIL: "mailed",
    Channel.EVENT: "invited",
    Channel.MAILING: "sent",
    Channel.PAGE: "invited",
}
"""What was done with those who were not held out."""


class Whom(TextChoices):
    """Who of a partner joins when many partners do."""

    PARTNER = "partner", "the partner itself"
    PREFERRED = "preferred", "the preferred contact"
    PEOPLE = "people", "all its contacts"


class Group(TextChoices):
    """On which side the coin fell."""

    SENT = "sent", "Sent"
    HELD = "held", "Held out"


class Reach(TextChoices):
    """What is known of an address after sending."""

    UNKNOWN_ADDRESS = "unknown", "Address unknown"
    STOPPED = "stopped", "Stopped"


class Again(TextChoices):
    """Whom of those who were sent something a second letter goes to; of what we see, at least."""

    UNOPENED = "unopened", "Did not open"
    AWAY = "away", "Did not come"


class LetterState(TextChoices):
    """How far the file of letters is."""

    ASKED = "asked", "Asked for"
    WRITING = "writing", "Being written"
    READY = "ready", "Ready"
    GONE = "gone", "Not kept any more"


class Act(TextChoices):
    """What somebody did, as far as we see it."""

    OPEN = "open", "Opened"
    CLICK = "click", "Followed a link"
    SEEN = "seen", "Looked at a page"
    STAY = "stay", "Stayed on a page"


class Verdict(TextChoices):
    """What became of an act once its minute was looked at: a visit, the same visitor again, a letter opened, a scanner."""

    VISIT = "yes", "Visit"
    SAME = "same", "Same visitor"
    OPENED = "open", "Opened"
    SCANNER = "scan", "Scanner"


class Why(TextChoices):
    """Why a request was not counted, in the order in which it is asked."""

    HEAD = "head", "Asked without looking"
    AHEAD = "ahead", "Fetched ahead"
    ROBOT = "robot", "Robots by name"
    WISH = "wish", "Asked not to be counted"
    STAFF = "staff", "Our own people"
    SCANNER = "scanner", "Mail scanners"
    HELD = "held", "Held out"
    MANY = "many", "More than a day can hold"


WHY_WORDS = {
    Why.HEAD: "link checkers that take no page",
    Why.AHEAD: "prefetch by browsers and mail programs",
    Why.ROBOT: "crawlers, link checkers",
    Why.WISH: "Do Not Track, Privacy Control",
    Why.STAFF: "our network, or signed in here",
    Why.SCANNER: "many links at once, no later act",
    Why.HELD: "got it from a colleague; they stay held out",
    Why.MANY: "more visitors of one link than a day can be believed",
}
