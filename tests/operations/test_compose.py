"""`compose.yaml` and the image: nothing is open that need not be, and every name in them is one that exists."""

import re
from pathlib import Path

import pytest
import yaml

from tests.test_docs import OPERATIONS, settings_read

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "compose.yaml").read_text()
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
OURS = tuple(name for name, service in SERVICES.items() if service["image"] == "prm")
WORKERS = tuple(name for name in OURS if name.startswith("worker"))
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def environment(name):
    return SERVICES[name].get("environment", {})


def test_the_parts_are_those_of_the_papers():
    assert {"migrate", "web", "beat", *WORKERS} == set(OURS)
    assert WORKERS
    assert set(SERVICES) - set(OURS) == {"postgres", "redis", "proxy"}


def test_only_the_proxy_is_reached_from_outside():
    published = {name: [str(port) for port in service.get("ports", [])] for name, service in SERVICES.items()}
    assert published.pop("proxy") == ["80:80", "443:443"]
    for name, ports in published.items():
        assert all(port.startswith("127.0.0.1:") for port in ports), name
    assert not any("network_mode" in service or "privileged" in service for service in SERVICES.values())


def test_the_proxy_ends_tls_and_takes_requests_in_whole():
    caddyfile = COMPOSE["configs"]["caddyfile"]["content"]
    assert re.match(r"\{\$\$DOMAIN\} \{", caddyfile), "a name: it gets its certificate by itself"
    assert "request_buffers" in caddyfile
    assert "reverse_proxy web:8000" in caddyfile
    (size,) = re.findall(r"max_size (\d+)MB", caddyfile)
    assert int(size) * 10**6 >= 512 * 2**20 * 0.96, "an upload as large as UPLOAD_LIMIT passes"
    assert SERVICES["proxy"]["profiles"] == ["tls"]
    assert environment("web")["HTTPS"] == "${DOMAIN:+True}"


def test_the_broker_asks_for_a_password_and_everybody_gives_it():
    command = SERVICES["redis"]["command"]
    assert command[command.index("--requirepass") + 1] == "${REDIS_PASSWORD}"
    assert environment("redis")["REDISCLI_AUTH"] == "${REDIS_PASSWORD}"
    for name in OURS:
        assert environment(name)["REDIS_URL"].startswith("redis://:${REDIS_PASSWORD:?")


def test_secrets_must_be_given_and_none_is_written_here():
    for word in ("PASSWORD", "KEY"):
        for name in set(re.findall(rf"\$\{{(\w*{word}\w*)[^}}]*\}}", TEXT)):
            assert f"${{{name}:?" in TEXT, f"{name} has a value by itself"


def test_only_the_migration_signs_in_as_owner():
    for name in OURS:
        named = set(environment(name))
        assert ({"DATABASE_OWNER_URL", "PRM_ADMIN_URL"} <= named) == (name == "migrate")


@pytest.mark.parametrize("name", OURS)
def test_what_a_service_is_told_is_read_by_something(name):
    assert set(environment(name)) <= {*settings_read(), "PRM_ADMIN_URL"}


def test_every_variable_of_the_env_file_is_in_the_papers():
    for name in set(re.findall(r"\$\{(\w+)", TEXT)):
        assert f"`{name}`" in OPERATIONS, name


def test_the_image_holds_every_app_and_nothing_of_the_newcomer():
    for folder in ("prm", "partners", "orders", "activities", "templates"):
        assert f"COPY {folder} ./{folder}" in DOCKERFILE
    assert "prm/local" in (ROOT / ".dockerignore").read_text().split()
    assert re.search(r"^USER prm$", DOCKERFILE, re.MULTILINE)


def test_the_health_check_of_the_image_asks_without_a_name():
    """tests/api/test_middleware.py shows that it is answered whatever ALLOWED_HOSTS and HTTPS say."""
    (check,) = re.findall(r"HEALTHCHECK .*?CMD \[(.*?)\]\n", DOCKERFILE, re.DOTALL)
    assert "http://127.0.0.1:8000/healthz" in check
    assert "Host" not in check


def test_the_programs_are_those_of_the_papers():
    """Gunicorn's options, and what worker and beat are called with."""
    web = " ".join(re.findall(r'"([^"]+)"', DOCKERFILE.rsplit("CMD", 1)[1]))
    assert web.startswith("gunicorn prm.wsgi ")
    for option in ("--workers 3", "--threads 8", "--no-control-socket"):
        assert option in web
        assert option in OPERATIONS
    for name, words in (*((worker, "worker") for worker in WORKERS), ("beat", "beat")):
        assert SERVICES[name]["command"][:4] == ["celery", "--app", "prm.celery", words]
        assert f"celery --app prm.celery {words}" in OPERATIONS
