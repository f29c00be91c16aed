import asyncio
import time
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings as configured
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signalops_site.asgi import application
from signalops_site.core import consumers
from signalops_site.core.access import tickets
from signalops_site.core.access.keys import create_key
from signalops_site.core.access.tickets import issue_ticket
from signalops_site.core.models import ApiKey, KeyHolder, Membership, Project, Role, Run
from signalops_site.core.routing import is_allowed_origin
from signalops_site.core.runs import create_run, publish
from tests.factories import ProjectFactory, UserFactory, member

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shared(transactional_db: None) -> Project:
    """A project whose rows other threads see: sockets read in threads of their own."""
    return ProjectFactory.create(slug="tidewater")


@pytest.fixture
def vera(shared: Project) -> User:
    return member(shared, Role.VIEWER)


@pytest.fixture
def quick_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "RECHECK_SECONDS", 0.0)


def cookie_of(user: User) -> bytes:
    client = Client()
    client.force_login(user)
    name = configured.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}".encode()


HERE = "http://localhost:8000"


async def socket_of(
    user: User | None, query: str = "project=tidewater", *, origin: str | None = HERE, path: str = "/ws/pipeline"
) -> WebsocketCommunicator:
    headers = [(b"host", b"localhost:8000")]
    if user is not None:
        headers.append((b"cookie", await sync_to_async(cookie_of)(user)))
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    return WebsocketCommunicator(application, f"{path}?{query}", headers=headers)


async def is_let_in(socket: WebsocketCommunicator) -> bool:
    connected, _code = await socket.connect(timeout=5)
    await socket.disconnect()
    return bool(connected)


async def opened(user: User, query: str = "project=tidewater") -> WebsocketCommunicator:
    socket = await socket_of(user, query)
    connected, _code = await socket.connect(timeout=5)
    assert connected
    return socket


@sync_to_async
def say(project: Project, **changes: Any) -> int:
    return publish(project, changes.pop("type_", "queue_update"), **changes).seq


async def next_seqs(socket: WebsocketCommunicator, count: int) -> list[int]:
    return [(await socket.receive_json_from(timeout=3))["seq"] for _ in range(count)]


async def test_a_member_is_let_in_with_and_without_the_slash(vera: User) -> None:
    assert await is_let_in(await socket_of(vera))
    assert await is_let_in(await socket_of(vera, path="/ws/pipeline/"))


@pytest.mark.parametrize(
    "query", ["", "project=", "project=nothing", "project=tidewater&after=x", "project=tidewater&after=-1"]
)
async def test_a_request_that_does_not_hold_is_refused(vera: User, query: str) -> None:
    assert not await is_let_in(await socket_of(vera, query))


async def test_strangers_outsiders_and_other_sites_are_refused(shared: Project, vera: User) -> None:
    outsider = await sync_to_async(UserFactory.create)(username="nils")
    assert not await is_let_in(await socket_of(None))
    assert not await is_let_in(await socket_of(outsider))
    assert not await is_let_in(await socket_of(vera, origin="https://evil.example"))
    assert not await is_let_in(await socket_of(vera, path="/ws/other"))


async def test_a_session_counts_only_on_a_page_of_this_site(vera: User) -> None:
    assert await is_let_in(await socket_of(vera, origin=HERE))
    assert not await is_let_in(await socket_of(vera, origin=None))
    assert not await is_let_in(await socket_of(vera, origin="null"))


async def ticket_of(user: User) -> str:
    ticket = await sync_to_async(issue_ticket)(user)
    return f"project=tidewater&ticket={ticket}"


async def with_ticket(user: User, **given: Any) -> WebsocketCommunicator:
    """A program's socket: no cookie, and no Origin unless one is given."""
    return await socket_of(None, await ticket_of(user), origin=given.get("origin"))


@sync_to_async
def key_of(user: User, role: Role, *projects: Project) -> KeyHolder:
    return KeyHolder.of(create_key(name="for tests", role=role, projects=projects, by=user).key)


@pytest.fixture
def otto(shared: Project) -> User:
    return member(shared, Role.OPERATOR)


async def test_a_ticket_opens_a_socket_without_cookie_and_origin(vera: User) -> None:
    assert await is_let_in(await with_ticket(vera))
    assert await is_let_in(await with_ticket(vera, origin=HERE))


async def test_a_ticket_does_not_open_a_socket_on_another_site(vera: User) -> None:
    assert not await is_let_in(await with_ticket(vera, origin="https://evil.example"))


async def test_a_ticket_is_good_for_one_socket(vera: User) -> None:
    query = await ticket_of(vera)
    assert await is_let_in(await socket_of(None, query, origin=None))
    assert not await is_let_in(await socket_of(None, query, origin=None))


async def test_a_ticket_is_good_for_half_a_minute(vera: User, monkeypatch: pytest.MonkeyPatch) -> None:
    query = await ticket_of(vera)
    monkeypatch.setattr(tickets, "LIFETIME_SECONDS", -1)
    assert not await is_let_in(await socket_of(None, query, origin=None))


@pytest.mark.parametrize("ticket", ["", "x", "a:b:c", "%00"])
async def test_a_made_up_ticket_opens_nothing_whatever_the_cookie(vera: User, ticket: str) -> None:
    assert not await is_let_in(await socket_of(vera, f"project=tidewater&ticket={ticket}"))


async def test_a_ticket_ends_with_the_password_it_was_made_under(vera: User) -> None:
    query = await ticket_of(vera)
    vera.set_unusable_password()
    await sync_to_async(vera.save)()
    assert not await is_let_in(await socket_of(None, query, origin=None))


async def test_a_ticket_shows_what_its_user_may_see(shared: Project, vera: User, otto: User) -> None:
    nils = await sync_to_async(UserFactory.create)(username="nils")
    elsewhere = await sync_to_async(ProjectFactory.create)(slug="elsewhere")
    await sync_to_async(member)(elsewhere, Role.OPERATOR, username="otto")
    suri = await sync_to_async(UserFactory.create)(username="suri", is_superuser=True)
    assert not await is_let_in(await with_ticket(nils))
    assert await is_let_in(await with_ticket(suri))
    assert await is_let_in(await with_ticket(await key_of(otto, Role.VIEWER, shared)))
    assert await is_let_in(await with_ticket(await key_of(suri, Role.VIEWER)))
    assert not await is_let_in(await with_ticket(await key_of(otto, Role.OPERATOR, elsewhere)))


async def test_a_revoked_or_expired_key_opens_no_socket(otto: User) -> None:
    for change in ({"revoked_at": timezone.now()}, {"expires_at": timezone.now()}):
        query = await ticket_of(await key_of(otto, Role.VIEWER))
        await sync_to_async(ApiKey.objects.update)(**change)
        assert not await is_let_in(await socket_of(None, query, origin=None))


async def test_everything_after_a_number_is_replayed_and_then_followed(shared: Project, vera: User) -> None:
    for _ in range(4):
        await say(shared)
    socket = await opened(vera, "project=tidewater&after=1")
    assert await next_seqs(socket, 3) == [2, 3, 4]
    await say(shared)
    assert await next_seqs(socket, 1) == [5]
    await socket.disconnect()


async def test_without_a_number_only_what_is_new_comes(shared: Project, vera: User) -> None:
    await say(shared)
    socket = await opened(vera)
    assert await socket.receive_nothing(timeout=0.5)
    await say(shared)
    assert await next_seqs(socket, 1) == [2]
    await socket.disconnect()


async def test_a_message_says_how_far_a_stage_is(shared: Project, vera: User) -> None:
    run: Run = await sync_to_async(create_run)(shared, trigger="command", by="command:runpipeline")
    await say(
        shared, type_="pipeline_progress", run=run, stage="judge", done=1, total=4, detail={"sentence": "One."}
    )
    socket = await opened(vera, "project=tidewater&after=0")
    queued = await socket.receive_json_from(timeout=3)
    assert (queued["stage"], queued["progress"], queued["detail"]) == ("", None, {"status": "queued"})
    message = await socket.receive_json_from(timeout=3)
    assert message.pop("at").endswith("Z")
    assert message == {
        "type": "pipeline_progress",
        "seq": 2,
        "run": run.pk,
        "stage": "judge",
        "done": 1,
        "total": 4,
        "progress": 0.25,
        "detail": {"sentence": "One."},
    }
    await socket.disconnect()


async def test_other_projects_events_stay_with_them(shared: Project, vera: User) -> None:
    other = await sync_to_async(ProjectFactory.create)(slug="elsewhere")
    socket = await opened(vera, "project=tidewater&after=0")
    await say(other)
    assert await socket.receive_nothing(timeout=0.5)
    await socket.disconnect()


async def test_a_client_may_start_again_from_a_number(shared: Project, vera: User) -> None:
    for _ in range(3):
        await say(shared)
    socket = await opened(vera, "project=tidewater&after=3")
    await socket.send_json_to({"after": 1})
    assert await next_seqs(socket, 2) == [2, 3]
    await socket.disconnect()


async def test_a_number_beyond_the_newest_does_not_deafen(shared: Project, vera: User) -> None:
    socket = await opened(vera, "project=tidewater&after=900")
    await say(shared)
    assert await next_seqs(socket, 1) == [1]
    await socket.disconnect()


async def test_a_long_replay_comes_whole_in_bounded_batches(
    shared: Project, vera: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "BATCH", 10)
    for _ in range(35):
        await say(shared)
    socket = await opened(vera, "project=tidewater&after=0")
    assert await next_seqs(socket, 35) == list(range(1, 36))
    await socket.disconnect()


@pytest.mark.parametrize(
    "text",
    ["x", "[]", "{}", '{"after": -1}', '{"after": true}', '{"after": 1.5}', '{"after": 1e999}', "[" * 300],
)
async def test_a_malformed_message_closes_with_a_code(vera: User, text: str) -> None:
    socket = await opened(vera)
    await socket.send_to(text_data=text)
    assert await socket.receive_output(timeout=3) == {"type": "websocket.close", "code": 4400}
    await socket.disconnect()


async def closing_code(socket: WebsocketCommunicator) -> int:
    message: Any = await socket.receive_output(timeout=3)
    await socket.disconnect()
    return int(message["code"])


async def test_a_removed_member_is_cut_off(vera: User, quick_checks: None) -> None:
    socket = await opened(vera)
    await sync_to_async(Membership.objects.all().delete)()
    assert await closing_code(socket) == 4404


async def test_a_closed_account_is_cut_off(vera: User, quick_checks: None) -> None:
    socket = await opened(vera)
    await sync_to_async(User.objects.update)(is_active=False)
    assert await closing_code(socket) == 4401


async def followed(user: User) -> WebsocketCommunicator:
    socket = await with_ticket(user)
    connected, _code = await socket.connect(timeout=5)
    assert connected
    return socket


@pytest.mark.parametrize("change", ["revoked_at", "expires_at"])
async def test_a_socket_ends_with_its_key(otto: User, quick_checks: None, change: str) -> None:
    socket = await followed(await key_of(otto, Role.VIEWER))
    await sync_to_async(ApiKey.objects.update)(**{change: timezone.now()})
    assert await closing_code(socket) == 4401


async def test_a_tickets_socket_ends_with_the_account(vera: User, quick_checks: None) -> None:
    socket = await followed(vera)
    await sync_to_async(User.objects.update)(is_active=False)
    assert await closing_code(socket) == 4401


async def test_a_tickets_socket_ends_with_the_password(vera: User, quick_checks: None) -> None:
    socket = await followed(vera)
    await sync_to_async(User.objects.update)(password="another")
    assert await closing_code(socket) == 4401


async def test_a_keys_socket_ends_when_its_owner_leaves_the_project(otto: User, quick_checks: None) -> None:
    socket = await followed(await key_of(otto, Role.VIEWER))
    await sync_to_async(Membership.objects.all().delete)()
    assert await closing_code(socket) == 4404


async def test_a_tickets_socket_lives_an_hour(
    vera: User, quick_checks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = await followed(vera)
    assert await socket.receive_nothing(timeout=0.5)
    monkeypatch.setattr(consumers, "TICKET_SECONDS", 0.0)
    assert await closing_code(socket) == 4401


async def test_a_socket_ends_with_its_session(vera: User, quick_checks: None) -> None:
    socket = await opened(vera)
    await sync_to_async(Session.objects.all().delete)()
    assert await closing_code(socket) == 4401


async def test_what_cannot_be_read_closes_the_socket_and_is_logged(
    vera: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(project_id: int, after: int) -> list[dict[str, Any]]:
        raise OSError("the disk is gone")

    monkeypatch.setattr(consumers, "_messages_after", fail)
    socket = await opened(vera)
    assert await closing_code(socket) == 1011
    assert "the disk is gone" in caplog.text


async def test_an_event_arrives_within_a_third_of_a_second(shared: Project, vera: User) -> None:
    socket = await opened(vera)
    for _ in range(5):
        started = time.monotonic()
        await say(shared)
        await next_seqs(socket, 1)
        assert time.monotonic() - started < 0.4
        await asyncio.sleep(0.03)
    await socket.disconnect()


async def test_a_hint_wakes_the_socket_between_slow_looks(
    shared: Project, vera: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a channel layer that crosses processes, the socket sleeps until `publish` says that it should look."""
    settings.REDIS_URL = "redis://unused.invalid"  # the in-memory layer stands in for Redis in one process
    monkeypatch.setattr(consumers, "POLL_SECONDS_WITH_HINTS", 30.0)
    socket = await opened(vera)
    await asyncio.sleep(0.3)
    await say(shared)
    assert await next_seqs(socket, 1) == [1]
    await socket.disconnect()


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        ("http://localhost:8000", "localhost:8000", True),
        ("https://localhost", "localhost", True),
        ("http://localhost:9000", "localhost:8000", False),
        ("http://evil.example", "evil.example", False),
        ("null", "localhost", False),
        ("http://[", "localhost", False),
        ("https://desk.example", "localhost", True),
        ("http://desk.example", "localhost", False),
        ("https://a.team.example", "localhost", True),
        ("https://ateam.example", "localhost", False),
    ],
)
def test_the_origin_is_the_host_or_a_trusted_one(
    settings: Settings, origin: str, host: str, allowed: bool
) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://desk.example", "https://*.team.example"]
    assert is_allowed_origin(origin, host=host) is allowed
