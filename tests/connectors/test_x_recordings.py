"""What X really answered is read; and what is asked of it, its own description allows."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from connectors.base import FetchedPost, SearchQuery
from connectors.errors import BadQuery, Refused
from connectors.platforms.x import FOR_APPS, XConnector, XCredentials
from connectors.x_payloads import found_in, referenced
from signalops_site.core.config.schema import XPlatform

from .fakes import account_connector
from .fakes_x import BEARER, XFake, connected
from .standin import Asked, Reply, reply

RECORDINGS: Path = settings.BASE_DIR.parent / "shared" / "recordings" / "x"
pytestmark = pytest.mark.skipif(not RECORDINGS.exists(), reason="the recorded answers are not on this machine")

Entry = Mapping[str, Any]


def entries(pattern: str) -> list[Any]:
    """pytest parameters: each recorded exchange with posts, named by its file."""
    files = sorted(RECORDINGS.glob(pattern)) if RECORDINGS.exists() else []
    found = [(file, entry) for file in files for entry in json.loads(file.read_text(encoding="utf-8"))]
    return [pytest.param(entry, id=f"{file.stem}-{number}") for number, (file, entry) in enumerate(found)]


SEARCHES = [*entries("*search_*_tweets.json"), *entries("full_archive/2_tweets_search_all-*.json")]
READ = [each for each in SEARCHES if each.values[0]["response"]["status"] == 200]
REFUSED = [each for each in SEARCHES if each.values[0]["response"]["status"] != 200]
LISTS = [*entries("full_archive/2_users_*_tweets-*.json"), *entries("client_get_users_tweets.json")]
LOOKUPS = [*entries("full_archive/2_tweets-*.json"), *entries("client_get_tweets.json")]


def replayed(entry: Entry) -> Reply:
    """The answer as it came, with the ends of its rate windows left out: they lie in the past."""
    told = {name: value for name, value in entry["response"]["headers"].items() if not name.endswith("-reset")}
    return Reply(entry["response"]["status"], told, (json.dumps(entry["response"]["body"]).encode(),))


def connector(x: XFake, *, search_type: str = "recent", reposts: bool = True) -> XConnector:
    options = XPlatform.model_validate({"search_type": search_type, "include_retweets": reposts})
    credentials = XCredentials.model_validate({"bearer_token": BEARER, "client_id": "abc"})
    made = account_connector(x, options=options, credentials=credentials, session=connected())
    assert isinstance(made, XConnector)
    return made


def search(x: XFake, *answers: Reply, kind: str, most: int = 1000) -> list[FetchedPost]:
    """What a search reads of these pages, one after the other."""
    left = list(answers)
    x.stand_in.routes[f"/2/tweets/search/{kind}"] = lambda _: left.pop(0) if left else reply({"meta": {}})
    pages = connector(x, search_type=kind).search(SearchQuery("words", max_results=most))
    return [post for page in pages for post in page.posts]


def kind_of(entry: Entry) -> str:
    return "recent" if "/search/recent" in entry["request"]["url"] else "all"


def expected(body: Mapping[str, Any]) -> list[str]:
    """The ids that should be read: each post's, and for a repost that of its original, if that is told.

    What several reposts repeat stands where the oldest of them does.
    """
    told = {post["id"] for post in body.get("includes", {}).get("tweets", [])}
    ids = [referenced(item, "retweeted") or item["id"] for item in body.get("data", [])]
    own = {item["id"] for item in body.get("data", []) if not referenced(item, "retweeted")}
    return once([identity for identity in ids if identity in told | own])


def once(ids: list[str]) -> list[str]:
    return list(reversed(dict.fromkeys(reversed(ids))))


@pytest.mark.parametrize("entry", READ)
def test_every_recorded_search_is_read(x: XFake, entry: Entry) -> None:
    body = entry["response"]["body"]
    found = search(x, replayed(entry), kind=kind_of(entry))
    assert [post.id for post in found] == expected(body)
    assert all(
        post.text and "&amp;" not in post.text and "…" not in post.text[-1:] for post in found if post.author
    )


@pytest.mark.parametrize("entry", READ)
def test_the_authors_of_recorded_posts_keep_their_facts(x: XFake, entry: Entry) -> None:
    body = entry["response"]["body"]
    users = {user["id"]: user for user in body.get("includes", {}).get("users", [])}
    for post in search(x, replayed(entry), kind=kind_of(entry)):
        if post.author is None or post.author.id not in users:
            assert not users or post.author is None or post.author.handle == ""
            continue
        user = users[post.author.id]
        assert (post.author.handle, post.author.name) == (user["username"], user["name"])
        assert post.author.followers == user["public_metrics"]["followers_count"]
        assert post.author.verified is user["verified"]
        assert post.author.account_created_at is not None
        assert post.url == f"https://x.com/{user['username']}/status/{post.id}"


@pytest.mark.parametrize("entry", [each for each in READ if "client" in str(each.id)])
def test_what_a_recording_does_not_tell_is_unknown(x: XFake, entry: Entry) -> None:
    """Those of one client library asked for nothing but ids and texts."""
    found = search(x, replayed(entry), kind=kind_of(entry))
    assert len(found) == 10
    for post in found:
        assert (post.author, post.created_at, post.language, post.conversation_id) == (None, None, None, "")
        assert (post.likes, post.replies, post.reposts, post.views) == (None, None, None, None)


def test_the_numbers_of_recorded_posts_are_theirs(x: XFake) -> None:
    (entry,) = (each.values[0] for each in READ if "64d2ba" in str(each.id))
    body = entry["response"]["body"]
    items = {item["id"]: item for item in [*body["data"], *body["includes"]["tweets"]]}
    found = search(x, replayed(entry), kind="all")
    assert len(found) > 30
    for post in found:
        metrics = items[post.id]["public_metrics"]
        assert (post.likes, post.replies, post.reposts, post.views) == (
            metrics["like_count"],
            metrics["reply_count"],
            metrics["retweet_count"],
            None,
        )
        assert post.reply_to_id == referenced(items[post.id], "replied_to")
        assert post.conversation_id == items[post.id]["conversation_id"]


def links() -> Iterator[tuple[str, str, str]]:
    """(text, the short link where X's offsets say it stands, what it stands for) of all recorded links."""
    for entry in READ + LOOKUPS:
        for item in _items(entry.values[0]["response"]["body"]):
            for link in item.get("entities", {}).get("urls", []):
                yield item["text"], link["url"], item["text"][link["start"] : link["end"]]


def _items(body: Mapping[str, Any]) -> list[Any]:
    return [*body.get("data", []), *body.get("includes", {}).get("tweets", [])]


def test_x_counts_code_points_of_the_escaped_text() -> None:
    """Why a link may be found by its short form alone: it stands where the offsets say, whatever is before it."""
    found = list(links())
    assert len(found) > 200
    assert any(ord(character) > 0xFFFF for text, _, _ in found for character in text)
    assert any("&amp;" in text for text, _, _ in found)
    assert all(short == there for _, short, there in found)


@pytest.mark.parametrize("entry", LISTS)
def test_other_lists_of_posts_are_read_alike(entry: Entry) -> None:
    body = entry["response"]["body"]
    found = [each.post.id for each in found_in(body) if each.post is not None]
    assert once(found) == expected(body)


@pytest.mark.parametrize("entry", LOOKUPS)
def test_recorded_lookups_tell_what_is_there_and_what_is_gone(x: XFake, entry: Entry) -> None:
    body = entry["response"]["body"]
    there = {item["id"] for item in body["data"]}
    missing = {error["resource_id"] for error in body.get("errors", []) if error["parameter"] in {"ids", "id"}}
    x.stand_in.routes["/2/tweets"] = lambda _: replayed(entry)
    found = connector(x).look_up([*there, *missing, "999"])
    assert {identity for identity, each in found.items() if each.availability == "live"} == there
    assert {identity for identity, each in found.items() if each.availability == "gone"} == missing - there
    assert found["999"].availability == "unknown"


def test_a_recorded_mention_is_read_and_says_how_to_go_on(x: XFake) -> None:
    (entry,) = (each.values[0] for each in entries("client_get_users_mentions.json"))
    answers = [replayed(entry)]
    x.stand_in.routes["/2/users/77/mentions"] = lambda _: answers.pop() if answers else reply({"meta": {}})
    pages = list(connector(x).mentions())
    assert [post.id for post in pages[0].posts] == [item["id"] for item in entry["response"]["body"]["data"]]
    assert x.stand_in.asked[-1].param("pagination_token") == entry["response"]["body"]["meta"]["next_token"]


def test_recorded_pages_are_walked_to_their_end(x: XFake) -> None:
    """Two recorded searches of one archive, the newer first: the first page's token leads to the second.

    Both hold reposts of one post, which is read once.
    """
    (newer,) = (each.values[0] for each in READ if "7a8d63" in str(each.id))
    (older,) = (each.values[0] for each in READ if "ff0a12" in str(each.id))
    first = json.loads(json.dumps(newer))
    first["response"]["body"]["meta"]["next_token"] = "b26v89c19zqg8o3f"
    found = search(x, replayed(first), replayed(older), kind="all")
    first_ids, second_ids = expected(newer["response"]["body"]), expected(older["response"]["body"])
    assert set(first_ids) & set(second_ids)
    assert [post.id for post in found] == [*first_ids, *(each for each in second_ids if each not in first_ids)]
    assert [each.param("next_token") for each in x.stand_in.asked] == ["", "b26v89c19zqg8o3f"]


@pytest.mark.parametrize("entry", [each for each in READ if "full_archive" not in str(each.id)])
def test_the_tokens_of_recorded_pages_are_sent_back(x: XFake, entry: Entry) -> None:
    following = entry["response"]["body"]["meta"].get("next_token", "")
    search(x, replayed(entry), kind=kind_of(entry))
    assert [each.param("next_token") for each in x.stand_in.asked] == ["", following][: 2 if following else 1]


@pytest.mark.parametrize("entry", REFUSED)
def test_recorded_refusals_are_told_in_x_s_words(x: XFake, entry: Entry) -> None:
    error, words = {400: (BadQuery, "'start_time' must be before"), 401: (Refused, "Unauthorized")}[
        entry["response"]["status"]
    ]
    with pytest.raises(error, match=words):
        search(x, replayed(entry), kind=kind_of(entry))


def test_a_recorded_account_is_recognised(x: XFake) -> None:
    (entry,) = (each.values[0] for each in entries("client_get_me.json"))
    x.stand_in.routes["/2/users/me"] = lambda _: replayed(entry)
    assert connector(x).verify().handle == entry["response"]["body"]["data"]["username"]


# ---------------------------------------------------------------- the description


def described(path: str) -> Mapping[str, Any]:
    """A request's parameters by name, as X's own description has them."""
    document = json.loads((RECORDINGS / "openapi.json").read_text(encoding="utf-8"))
    shared = document["components"]["parameters"]
    told = document["paths"][path]["get"]["parameters"]
    return {
        each["name"]: each for each in (shared[p["$ref"].rpartition("/")[2]] if "$ref" in p else p for p in told)
    }


def asked_of_everything(x: XFake) -> list[Asked]:
    ids = x.fill(150)
    for kind in ("recent", "all"):
        list(connector(x, search_type=kind).search(SearchQuery("a OR b", since_id=ids[140], max_results=120)))
        list(connector(x, search_type=kind).search(SearchQuery("a", page_token=f"until:{ids[5]}", max_results=3)))
    connector(x).look_up(ids)
    list(connector(x).mentions(ids[120]))
    account_connector(x).verify()
    return x.stand_in.asked


def test_what_is_asked_of_x_is_what_its_description_allows(x: XFake) -> None:
    asked = asked_of_everything(x)
    assert len({each.path for each in asked}) == 6
    for each in asked:
        parameters = described(each.path.replace("/77/", "/{id}/"))
        assert set(each.params) <= set(parameters)
        for name in each.params:
            values, schema = each.param(name), parameters[name]["schema"]
            if "enum" in schema.get("items", {}):
                assert set(values.split(",")) <= set(schema["items"]["enum"])
            if "enum" in schema:
                assert values in schema["enum"]
            if schema["type"] == "integer":
                assert schema["minimum"] <= int(values) <= schema["maximum"]
            if "maxItems" in schema:
                assert len(values.split(",")) <= schema["maxItems"]
        assert not {"since_id", "start_time"} <= set(each.params)
        assert not {"next_token", "pagination_token"} <= set(each.params)


def test_an_app_asks_what_the_description_leaves_to_apps() -> None:
    paths = json.loads((RECORDINGS / "openapi.json").read_text(encoding="utf-8"))["paths"]
    asked = {path for path in paths if path.startswith(("/2/tweets/search/", "/2/usage/tweets"))}
    asked |= {"/2/tweets", "/2/users/me", "/2/users/{id}/mentions"}
    for_apps = {path for path in asked if paths[path].get("get", {}).get("security") == [{"BearerToken": []}]}
    assert for_apps >= FOR_APPS
    assert not for_apps & {"/2/tweets", "/2/tweets/search/recent", "/2/users/me", "/2/users/{id}/mentions"}


@pytest.mark.parametrize("kind", ["recent", "all"])
def test_no_query_is_longer_than_the_description_allows(kind: str) -> None:
    assert described(f"/2/tweets/search/{kind}")["query"]["schema"]["maxLength"] >= 1024
