"""Messages that people must get, and words where they cannot be sent."""

import logging
from collections.abc import Mapping
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)

NOT_SET_UP = "This server sends no e-mail (EMAIL_URL is not set)."
FAILED = "The mail server did not take the message. Try again in some minutes."


class NotSent(Exception):
    """A message did not leave; the text says so to the person who asked for it."""


def deliver(message: EmailMessage) -> None:
    """Send a message. Raises `NotSent` when mail is not set up or the server fails."""
    if not settings.MAIL_IS_SET_UP:
        raise NotSent(NOT_SET_UP)
    try:
        message.send()
    except (SMTPException, OSError) as error:
        logger.warning("A message was not sent: %s: %s", type(error).__name__, error)
        raise NotSent(FAILED) from error


def send(template: str, to: str, context: Mapping[str, object]) -> None:
    """Send `<template>_subject.txt` and `<template>_message.txt`. Raises `NotSent`."""
    subject = " ".join(render_to_string(f"{template}_subject.txt", dict(context)).split())
    body = render_to_string(f"{template}_message.txt", dict(context)).strip()
    deliver(EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [to]))


def may_hand_over() -> bool:
    """Return whether links are handed over by people, because messages reach nobody from here."""
    return not settings.MAIL_DELIVERS
