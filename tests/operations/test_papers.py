"""What docs/operations.md tells people to type fits what is there."""

import re
from pathlib import Path

import pytest

from tests.operations.test_compose import SERVICES, WORKERS
from tests.test_docs import OPERATIONS, settings_read

ROOT = Path(__file__).resolve().parents[2]
INSTALLATION = OPERATIONS.split("### A server of your own")[1].split("\n### ")[0]


def blocks(kind):
    """The examples of one kind, without the list's indentation."""
    found = re.findall(rf"^( *)```{kind}\n(.*?)^\1```", INSTALLATION, re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", text, flags=re.MULTILINE) for indent, text in found]


def test_the_settings_file_names_settings_and_all_that_are_required():
    (environment,) = [text for text in blocks("ini") if "DATABASE_URL" in text]
    named = set(re.findall(r"^([A-Z_]+)=", environment, re.MULTILINE))
    assert named <= set(settings_read())
    assert {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_KEYS", "ALLOWED_HOSTS", "HTTPS"} <= named
    assert "DATABASE_OWNER_URL" not in named, "the services do not know the owner's password"


@pytest.mark.parametrize("name", ["migrate", "collectstatic", "check", "create_tenant"])
def test_the_commands_are_those_of_the_product(name):
    from django.core.management import get_commands

    assert name in get_commands()
    assert any(f"manage.py {name}" in text for text in blocks("sh"))


def test_programs_run_as_they_do_in_the_image():
    """The same queues, pools and numbers of workers, so that one text does not grow old alone."""
    text = "\n".join(blocks("sh"))
    for worker in WORKERS:
        words = [word for word in SERVICES[worker]["command"] if word not in ("--loglevel", "INFO")]
        assert " ".join(words) in text, worker
    assert "celery --app prm.celery beat" in text
    (unit,) = [text for text in blocks("ini") if "[Service]" in text]
    gunicorn = re.search(r"bin/(gunicorn .*)", unit)[1]
    image = " ".join(re.findall(r'"([^"]+)"', (ROOT / "Dockerfile").read_text().rsplit("CMD", 1)[1]))
    assert gunicorn.replace("127.0.0.1", "0.0.0.0") == image.removesuffix(" --access-logfile -")


def test_the_proxy_lets_an_upload_through_and_takes_it_in_whole(settings):
    (nginx,) = blocks("nginx")
    (size,) = re.findall(r"client_max_body_size (\d+)m;", nginx)
    assert int(size) * 2**20 > 512 * 2**20, "UPLOAD_LIMIT and what surrounds it in a form"
    for line in (
        "proxy_request_buffering on;",
        "proxy_set_header X-Forwarded-Proto $scheme;",
        "proxy_set_header Host $host;",
    ):
        assert line in nginx


def test_everything_that_is_cleared_is_in_the_table():
    from prm.celery import app

    table = OPERATIONS.split("### What clears itself")[1].split("\nThe audit trail")[0]
    assert {"orders.forget_uploads", "operations.clear_expired"} <= {
        e["task"] for e in app.conf.beat_schedule.values()
    }
    for word in ("SIGN_IN_LOG_DAYS", "UPLOAD_DAYS", "sessions", "500"):
        assert word in table
