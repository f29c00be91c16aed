"""A platform that repeats a secret must not make SignalOps repeat it: not in an answer, a log, or the database."""

import base64
import html
import json
import logging
import socket
import traceback
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from django.core import serializers
from django.core.management import call_command
from pydantic import SecretStr
from rest_framework.test import APIClient

from connectors import services
from connectors.access import Credentials, ForgetfulSession
from connectors.base import SearchQuery
from connectors.errors import BadAnswer, ConnectorError, NoAnswer
from connectors.http import PlatformClient
from connectors.masking import HIDDEN, Mask
from connectors.models import Account, QueryCursor
from leads.models import Post, RawPost
from leads.pipeline.runner import RunOptions
from leads.services.runs import run_now
from signalops_site.core.models import Project, Run
from tests.factories import ProjectFactory, document

from .fakes import APP_PASSWORD, TOKEN, BlueskyFake, Fake, MastodonFake, account_connector, status
from .standin import StandIn, raw, reply
from .test_http import wire

ACCOUNTS = "/api/connectors/accounts/"
SECRET = "s3cret/Token+with=all&sorts"
VERIFY = "/api/v1/accounts/verify_credentials"
SIGN_IN = "/xrpc/com.atproto.server.createSession"
RENEW = "/xrpc/com.atproto.server.refreshSession"


class SomeCredentials(Credentials):
    """Two parts, as basic authentication has them."""

    user: str
    password: SecretStr


SOME = SomeCredentials(user="ada", password=SecretStr(SECRET))


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def secret_of(fake: Fake) -> str:
    return fake.credentials()[fake.secret]


def body_for(fake: Fake, project: Project) -> dict[str, Any]:
    return {"project": project.slug, "platform": fake.platform, "credentials": fake.credentials()}


def everything_stored() -> str:
    """All rows that connectors and runs write. Sealed values are encrypted there, so no secret may be readable."""
    models = (Account, QueryCursor, Run, Post, RawPost)
    return str(serializers.serialize("json", [row for model in models for row in model._default_manager.all()]))


# ---------------------------------------------------------------- the mask


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        SECRET.upper(),
        SECRET.lower(),
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET).lower(),
        html.escape(SECRET),
        base64_of(SECRET),
        base64_of(f"ada:{SECRET}"),
        base64_of(f"{SECRET}:"),
    ],
)
def test_a_secret_is_hidden_in_every_form_in_which_it_travels(form: str) -> None:
    assert Mask(SOME).text(f"The token <{form}> was revoked") == f"The token <{HIDDEN}> was revoked"


def test_what_is_no_secret_stays() -> None:
    mask = Mask(SomeCredentials(user="ada", password=SecretStr("abc")))
    for text in ("", "ada: abc is too short to be told from a word", "s3cret"):
        assert mask.text(text) == text
    assert Mask().value({"ada": [SECRET]}) == {"ada": [SECRET]}


def test_of_two_secrets_the_longer_one_is_hidden_whole() -> None:
    mask = Mask()
    mask.hide("token")
    mask.hide("token-and-more")
    assert mask.text("Not token-and-more, nor token.") == f"Not {HIDDEN}, nor {HIDDEN}."


def test_secrets_are_hidden_at_any_depth_and_in_keys() -> None:
    masked = Mask(SOME).value({"a": [{SECRET: 1}, f"x{SECRET}", 7, None, True]})
    assert masked == {"a": [{HIDDEN: 1}, f"x{HIDDEN}", 7, None, True]}


def test_nesting_that_no_platform_has_is_cut() -> None:
    deep: Any = SECRET
    for _ in range(900):
        deep = [deep]
    assert SECRET not in json.dumps(Mask(SOME).value(deep))


# ---------------------------------------------------------------- on the wire


@pytest.mark.parametrize("code", [400, 401, 403, 404, 408, 410, 418, 422, 429, 500])
def test_no_error_repeats_a_secret(stand_in: StandIn, code: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told = {"error": f"{SECRET} is bad", "message": "x" * 270 + SECRET}
    stand_in.routes["/"] = lambda _: reply(told, code, Retry_After="0")
    client = PlatformClient("mastodon", stand_in.url, credentials=SOME)
    with client, pytest.raises(ConnectorError) as caught:
        client.get("/")
    assert f"{HIDDEN} is bad" in caught.value.detail
    assert SECRET[:6] not in f"{caught.value.detail} {caught.value.code} {caplog.text}"


def test_nor_does_one_about_the_kind_of_answer(stand_in: StandIn) -> None:
    stand_in.routes["/"] = lambda _: raw(b"no JSON", 200, "text/" + "x" * 45 + SECRET)
    client = PlatformClient("mastodon", stand_in.url, credentials=SOME)
    with client, pytest.raises(BadAnswer) as caught:
        client.get("/")
    assert SECRET[:6] not in caught.value.detail


def test_a_traceback_does_not_quote_what_broke_the_connection() -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(f"{SECRET} is no HTTP\r\n\r\n".encode())

    with (
        wire(talk) as url,
        PlatformClient("mastodon", url, credentials=SOME) as client,
        pytest.raises(NoAnswer) as caught,
    ):
        client.post("/")
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_headers_are_masked_and_otherwise_kept(stand_in: StandIn) -> None:
    stand_in.routes["/"] = lambda _: reply({}, Link=f"<https://x.example/?max_id={SECRET}>", X_Name="caf\xe9")
    with PlatformClient("mastodon", stand_in.url, credentials=SOME) as client:
        headers = client.get("/").headers
    assert headers["link"] == f"<https://x.example/?max_id={HIDDEN}>"
    assert headers["x-name"] == "caf\xe9"


def test_a_token_that_is_sent_is_masked_though_nobody_named_it(stand_in: StandIn) -> None:
    stand_in.routes["/"] = lambda asked: reply({"you": asked.headers["authorization"]})
    with PlatformClient("mastodon", stand_in.url) as client:
        assert client.get("/", headers={"Authorization": f"Bearer {SECRET}"}).body == {"you": f"Bearer {HIDDEN}"}


def test_what_is_issued_can_be_taken_once_and_is_masked_everywhere_else(stand_in: StandIn) -> None:
    stand_in.routes["/"] = lambda _: reply({"token": SECRET, "name": f"me {SECRET}"})
    with PlatformClient("mastodon", stand_in.url) as client:
        answer = client.post("/", issues=("token", "other"))
        assert answer.issued == {"token": SECRET, "other": ""}
        assert answer.body == {"token": HIDDEN, "name": f"me {HIDDEN}"}
        assert client.get("/").body == {"token": HIDDEN, "name": f"me {HIDDEN}"}


# ---------------------------------------------------------------- accounts


@pytest.mark.usefixtures("reachable")
@pytest.mark.parametrize("code", [401, 403, 422, 500])
def test_adding_an_account_answers_no_secret(
    fake: Fake, project: Project, operator_api: APIClient, code: int
) -> None:
    secret = secret_of(fake)
    refusal = reply({"error": f"The token Bearer {secret} (or {quote(secret)}) was revoked"}, code)
    fake.stand_in.routes[fake.verified] = lambda _: refusal
    answer = operator_api.post(ACCOUNTS, body_for(fake, project), format="json")
    assert answer.status_code in (400, 503)
    assert HIDDEN in answer.json()["detail"]
    assert secret not in answer.content.decode()


@pytest.mark.usefixtures("reachable")
@pytest.mark.parametrize("code", [401, 403, 422])
def test_testing_an_account_stores_and_shows_no_secret(
    fake: Fake, project: Project, operator_api: APIClient, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    identity = operator_api.post(ACCOUNTS, body_for(fake, project), format="json").json()["id"]
    secret = secret_of(fake)
    fake.stand_in.routes[fake.verified] = lambda _: reply({"error": f"{secret.upper()} was revoked"}, code)
    answer = operator_api.post(f"{ACCOUNTS}{identity}/test/")
    assert f"{HIDDEN} was revoked" in answer.json()["last_error"]
    call_command("accounts", "list")
    shown = f"{answer.content.decode()} {everything_stored()} {capsys.readouterr().out}"
    assert secret not in shown.lower()


@pytest.mark.usefixtures("reachable")
def test_a_name_that_repeats_the_token_is_masked(
    mastodon: MastodonFake, project: Project, operator_api: APIClient
) -> None:
    mastodon.stand_in.routes[VERIFY] = lambda _: reply({"acct": f"ada-{TOKEN.upper()}"})
    mastodon.stand_in.routes["/api/v1/apps/verify_credentials"] = lambda _: reply({"scopes": ["read", TOKEN]})
    answer = operator_api.post(ACCOUNTS, body_for(mastodon, project), format="json").json()
    assert (answer["handle"], answer["scopes"]) == (f"ada-{HIDDEN}@mastodon.social", ["read", HIDDEN])
    assert TOKEN not in everything_stored()


@pytest.mark.usefixtures("reachable")
def test_a_session_that_is_repeated_in_a_name_is_masked_and_still_works(
    bluesky: BlueskyFake, project: Project, operator_api: APIClient
) -> None:
    claims = base64.urlsafe_b64encode(json.dumps({"scope": APP_PASSWORD}).encode()).decode().rstrip("=")
    bluesky.access_token = f"head.{claims}.tail"
    session = {"accessJwt": bluesky.access_token, "refreshJwt": "refresh-1"}
    bluesky.stand_in.routes[SIGN_IN] = lambda _: reply({**session, "handle": f"{bluesky.access_token}.refresh-1"})
    answer = operator_api.post(ACCOUNTS, body_for(bluesky, project), format="json").json()
    assert (answer["handle"], answer["scopes"]) == (f"{HIDDEN}.{HIDDEN}", [HIDDEN])
    account = Account.objects.get()
    assert account.session is not None
    assert account.session.open() == {"access": bluesky.access_token, "refresh": "refresh-1"}


def test_a_kept_session_is_a_secret_too(bluesky: BlueskyFake) -> None:
    session = ForgetfulSession()
    session.save({"access": "token-1", "refresh": "refresh-1"})
    told = reply({"error": "Oops", "message": "token-1 and refresh-1 and token-2"}, 404)
    bluesky.stand_in.routes[bluesky.searched] = lambda _: told
    with pytest.raises(ConnectorError, match=r"Oops: \*\*\* and \*\*\* and token-2"):
        list(account_connector(bluesky, session=session).search(SearchQuery("invoice")))


def test_signing_in_anew_forgets_no_secret_of_the_last_session(bluesky: BlueskyFake) -> None:
    session = ForgetfulSession()
    session.save({"access": "token-0", "refresh": "refresh-0"})
    bluesky.stand_in.routes[SIGN_IN] = lambda _: reply({"error": "token-0 or refresh-0"}, 401)
    with pytest.raises(ConnectorError, match=r"\*\*\* or \*\*\*"):
        account_connector(bluesky, session=session).verify()


# ---------------------------------------------------------------- collecting


@pytest.mark.django_db
@pytest.mark.usefixtures("reachable")
@pytest.mark.parametrize("code", [401, 403, 404, 422, 429, 503])
def test_a_run_tells_and_stores_no_secret(fake: Fake, code: int) -> None:
    query = {"text": fake.query, "label": "all", "platform": fake.platform, "max_results_per_run": 100}
    project = ProjectFactory.create(slug="harbour", document=document(queries=[query]))
    services.add_account(
        fake.platform, label="main", credentials=fake.credentials(), project=project, by="command:test"
    )
    secrets = [secret_of(fake), "token-1", "refresh-1"]
    told = reply({"error": f"Bad: {' '.join(secrets)}"}, code, Retry_After="600")
    fake.stand_in.routes[fake.searched] = lambda _: told
    run = run_now(project, RunOptions.parse(stages=["collect"]), by="command:test")
    assert HIDDEN in " ".join(run.stages["collect"]["problems"])
    assert HIDDEN in QueryCursor.objects.get().last_error
    hidden = secrets[: {"mastodon": 1, "x": 1, "reddit": 2, "bluesky": 3}[fake.platform]]
    assert not [secret for secret in hidden if secret in everything_stored()]


@pytest.mark.django_db
@pytest.mark.usefixtures("reachable")
def test_a_post_that_repeats_the_token_is_stored_without_it(mastodon: MastodonFake) -> None:
    query = {"text": "invoice", "label": "all", "platform": "mastodon", "max_results_per_run": 100}
    project = ProjectFactory.create(slug="harbour", document=document(queries=[query]))
    services.add_account(
        "mastodon", label="main", credentials=mastodon.credentials(), project=project, by="command:test"
    )
    mastodon.use({**status(1), "content": f"<p>An invoice, {TOKEN}</p>", TOKEN: TOKEN})
    run_now(project, RunOptions.parse(stages=["collect"]), by="command:test")
    assert Post.objects.get().text == f"An invoice, {HIDDEN}"
    assert TOKEN not in everything_stored()


def test_what_has_no_secret_in_it_is_not_copied() -> None:
    mask = Mask()
    mask.hide("sesame-open")
    plain, told = {"a": [1, {"b": "nothing"}]}, {"key sesame-open": 1}
    body = [plain, told, {"c": ["x", "sesame-open", None]}]
    masked = mask.value(body)
    assert masked == [plain, {"key ***": 1}, {"c": ["x", "***", None]}]
    assert masked[0] is plain
    assert mask.value(plain) is plain
