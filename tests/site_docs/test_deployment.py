"""Dockerfile and compose.yaml: what they say agrees, and every service's command works as a plain process."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from cryptography.fernet import Fernet
from django.utils.crypto import get_random_string
from ruamel.yaml import YAML

from signalops_site import healthcheck
from signalops_site.core.jobs import Cluster

from .processes import ROOT, finish, free_port, in_our_python, own_environment, running, status_of
from .test_environment import examples

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SOURCE = (ROOT / "compose.yaml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = YAML(typ="safe", pure=True).load(SOURCE)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service.get("image", "").startswith("signalops:")}
OF_COMPOSE_ALONE = {"POSTGRES_PASSWORD", "BIND", "PORT"}
SECRETS = {"SECRET_KEY", "FIELD_ENCRYPTION_KEY", "POSTGRES_PASSWORD"}


def instruction(name: str) -> list[str]:
    """The arguments of each of the Dockerfile's instructions of that name, in order; lines are joined."""
    joined = DOCKERFILE.replace("\\\n", " ")
    return re.findall(rf"^{name} (.+)$", joined, flags=re.MULTILINE)


# ---------------------------------------------------------------- what they say


def test_there_is_a_service_for_each_process() -> None:
    assert set(OURS) == {"migrate", "web", "runs", "short"}
    assert set(SERVICES) - set(OURS) == {"postgres", "redis", "ollama"}
    assert [name for name, service in SERVICES.items() if service.get("profiles")] == ["ollama"]


def test_each_cluster_has_its_service() -> None:
    named = {
        name: service["environment"]["Q_CLUSTER_NAME"] for name, service in OURS.items() if name in set(Cluster)
    }
    assert named == {name.value: name.value for name in Cluster}


def test_the_image_starts_the_web_server() -> None:
    (command,) = instruction("CMD")
    assert json.loads(command) == SERVICES["web"]["command"]
    assert instruction("ENTRYPOINT") == []


def test_the_image_is_asked_whether_it_is_live() -> None:
    (check,) = instruction("HEALTHCHECK")
    command = json.loads(check.partition("CMD ")[2])
    assert command[:2] == ["python", "-m"]
    assert command[2] == healthcheck.__name__
    assert command[3] in SERVICES["web"]["command"]


def test_what_cannot_be_asked_is_not() -> None:
    """The image's check is of the web server; other processes do not listen."""
    without = [name for name, service in OURS.items() if service.get("healthcheck") == {"disable": True}]
    assert without == ["migrate", "runs", "short"]
    assert all("test" in SERVICES[name]["healthcheck"] for name in ("postgres", "redis", "ollama"))


def test_nothing_starts_before_what_it_needs() -> None:
    for name in ("web", "runs", "short"):
        conditions = {other: need["condition"] for other, need in SERVICES[name]["depends_on"].items()}
        assert conditions == {
            "migrate": "service_completed_successfully",
            "postgres": "service_healthy",
            "redis": "service_healthy",
        }
    assert "migrate" not in SERVICES["migrate"]["depends_on"]


def test_only_this_machine_reaches_it_unless_somebody_says_otherwise() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"web": ["${BIND:-127.0.0.1}:${PORT:-8000}:8000"]}


def test_secrets_have_no_default_and_say_what_is_missing() -> None:
    used = re.findall(r"\$\{([A-Z_]+)(:?[-?])?([^}]*)\}", SOURCE)
    assert {name for name, *_ in used} >= SECRETS
    for name, operator, message in used:
        if name in SECRETS:
            assert operator == ":?"
            assert name in message
        else:
            assert operator == ":-", name


def test_every_variable_is_one_that_is_documented() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)", SOURCE)) | {
        name for one in OURS.values() for name in one["environment"]
    }
    assert asked - OF_COMPOSE_ALONE - set(examples()) == {"Q_CLUSTER_NAME"}


def test_images_of_others_have_a_version() -> None:
    images = [service["image"] for service in SERVICES.values()] + [
        line.split()[0] for line in instruction("FROM")
    ]
    assert len(images) > 5
    assert [image for image in images if ":" not in image or image.endswith(":latest")] == []


def test_a_service_may_do_little() -> None:
    for service in OURS.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["volumes"] == ["data:/data"]
        assert service["environment"]["SIGNALOPS_DATA_DIR"] == "/data"
        assert service["env_file"] == [{"path": ".env", "required": False}]
    (user,) = instruction("USER")
    assert user not in ("root", "0")
    assert DOCKERFILE.index("\nUSER ") > DOCKERFILE.rindex("\nRUN ")


def test_volumes_are_declared() -> None:
    used = {volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])


def test_no_secret_is_baked_in() -> None:
    baked = " ".join([*instruction("ENV"), *instruction("ARG")])
    assert "SIGNALOPS_DATA_DIR=/data" in baked
    assert re.findall(r"(?:KEY|PASSWORD|TOKEN|SECRET)\w*=", baked) == []
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for name in (".env", ".env.local", ".git", "var", ".venv", "tests"):
        assert any(fnmatch(name, pattern) for pattern in ignored), name


def test_every_package_is_in_the_image_and_what_is_copied_is_there() -> None:
    copied = [part for line in instruction("COPY") if not line.startswith("--from") for part in line.split()[:-1]]
    assert [name for name in copied if not (ROOT / name).exists()] == []
    layers = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    assert set(layers["root_packages"]) <= set(copied)
    assert {"manage.py", "projects", "requirements.txt"} <= set(copied)


def test_the_packages_are_those_with_hashes() -> None:
    install = next(line for line in instruction("RUN") if "uv pip install" in line)
    assert "--require-hashes" in install
    assert "requirements.txt" in install
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.findall(r"uv==[\d.]+", DOCKERFILE) == re.findall(r"uv==[\d.]+", makefile)


def test_compose_accepts_it(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if (
        docker is None
        or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode
    ):
        pytest.skip("no `docker compose` here")
    command = [docker, "compose", "--file", str(ROOT / "compose.yaml"), "--profile", "ollama", "config"]
    given = {**os.environ, **dict.fromkeys(SECRETS, "x")}
    accepted = subprocess.run(command, env=given, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert accepted.returncode == 0, accepted.stderr
    without = {name: value for name, value in given.items() if name != "SECRET_KEY"}
    refused = subprocess.run(command, env=without, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert "put SECRET_KEY into .env" in refused.stderr


# ---------------------------------------------------------------- the check of the container


@pytest.mark.parametrize(
    ("hosts", "name"),
    [("", "127.0.0.1"), ("*", "127.0.0.1"), ("leads.example,localhost", "leads.example"), (".example", "example")],
)
def test_it_asks_under_a_name_that_is_accepted(hosts: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", hosts)
    assert healthcheck.accepted_name() == name


def test_nobody_there_is_not_live() -> None:
    assert healthcheck.is_live(free_port()) is False


# ---------------------------------------------------------------- each command as a plain process


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """A database of its own on the server for tests."""
    server = os.environ.get("TEST_POSTGRES_URL")
    if not server or not os.environ.get("TEST_REDIS_URL"):
        pytest.skip("TEST_POSTGRES_URL and TEST_REDIS_URL name no servers")
    name = f"signalops_deployment_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_the_services_work_on_sqlite(tmp_path: Path) -> None:
    data = tmp_path / "data"
    walk_through(tmp_path, {"DATABASE_URL": f"sqlite:///{data / 'signalops.sqlite3'}"})


@pytest.mark.postgres
@pytest.mark.redis
def test_the_services_work_on_postgresql_with_redis(tmp_path: Path, postgres_url: str) -> None:
    walk_through(tmp_path, {"DATABASE_URL": postgres_url, "REDIS_URL": os.environ["TEST_REDIS_URL"]})


def walk_through(folder: Path, servers: Mapping[str, str]) -> None:
    """Migrate, start the other services, have each do its work, and end them."""
    port = free_port()
    with ExitStack() as stack:
        finish(in_our_python(SERVICES["migrate"]["command"]), environment_of("migrate", folder, servers))
        for name in ("web", "runs", "short"):
            command = on_loopback(in_our_python(SERVICES[name]["command"]), port)
            stack.enter_context(running(command, environment_of(name, folder, servers), folder / f"{name}.log"))
        address = f"http://127.0.0.1:{port}/api/health/ready/"
        assert wait_for(lambda: status_of(address) == 200), (folder / "web.log").read_text()
        asked = [sys.executable, "-m", healthcheck.__name__, str(port)]
        finish(asked, environment_of("web", folder, servers))
        done = finish([sys.executable, "manage.py", "shell", "-c", JOBS], environment_of("web", folder, servers))
        assert done.split()[-2:] == sorted(Cluster), done
        examined = doctor(environment_of("web", folder, servers))
    assert examined["workers"] == {"ok"}
    assert examined["beat"] == {"ok"}
    assert examined["database"] <= {"ok", "warning"}
    assert examined["migrations"] == {"ok"}


JOBS = """
import time
from django_q.models import Task
from signalops_site.core.jobs import Cluster, enqueue
for number, cluster in enumerate(Cluster, start=1):
    enqueue("datetime.timedelta", cluster=cluster, days=number)
end = time.monotonic() + 60
while Task.objects.filter(func="datetime.timedelta", success=True).count() < 2 and time.monotonic() < end:
    time.sleep(0.2)
print(*sorted(Task.objects.filter(func="datetime.timedelta", success=True).values_list("cluster", flat=True)))
"""
"""Give each cluster a job and wait until both are done; the last words are the clusters that did one."""


def environment_of(name: str, folder: Path, servers: Mapping[str, str]) -> dict[str, str]:
    """A service's environment as compose.yaml has it, with our servers, and secrets made up here."""
    given = {key: str(value) for key, value in OURS[name]["environment"].items()}
    kept = folder / "secrets.json"
    if not kept.exists():
        secrets = {"SECRET_KEY": get_random_string(60), "FIELD_ENCRYPTION_KEY": Fernet.generate_key().decode()}
        kept.write_text(json.dumps(secrets))
    ours = {**json.loads(kept.read_text()), **servers, "HTTPS": "0", "SIGNALOPS_DATA_DIR": str(folder / "data")}
    chosen = {**given, "REDIS_URL": "", **ours}
    assert "${" not in "".join(chosen.values())
    return own_environment(**chosen)


def on_loopback(command: list[str], port: int) -> list[str]:
    """The web server's command, on another address than that of a container."""
    for option, value in (("-b", "127.0.0.1"), ("-p", str(port))):
        if option in command:
            command[command.index(option) + 1] = value
    return command


def wait_for(happened: Callable[[], bool], *, seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if happened():
            return True
        time.sleep(0.25)
    return False


def doctor(environment: Mapping[str, str]) -> dict[str, set[str]]:
    """Check -> the levels of what it found."""
    done = subprocess.run(
        [sys.executable, "manage.py", "doctor", "--json"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    found: dict[str, set[str]] = {}
    for finding in json.loads(done.stdout)["findings"]:
        found.setdefault(finding["check"], set()).add(finding["level"])
    return found
