import base64
import json
from typing import cast

import pytest

from connectors.access import ForgetfulSession
from connectors.base import Availability, FetchedPost, Followed, SearchQuery
from connectors.errors import AccountNeeded, BadAnswer, Refused
from connectors.platforms.bluesky import BlueskyConnector

from .fakes import BlueskyFake, account_connector, looking, uri, view
from .standin import Reply, reply

SIGN_IN = "/xrpc/com.atproto.server.createSession"
RENEW = "/xrpc/com.atproto.server.refreshSession"
PROFILES = "/xrpc/app.bsky.actor.getProfiles"
POSTS = "/xrpc/app.bsky.feed.getPosts"
RECORD = "/xrpc/com.atproto.repo.getRecord"


def posts(fake: BlueskyFake, since_id: str = "", **access: object) -> list[FetchedPost]:
    search = account_connector(fake, **access).search(SearchQuery("invoice", since_id))
    return [post for page in search for post in page.posts]


def test_a_session_is_kept_from_one_search_to_the_next(bluesky: BlueskyFake) -> None:
    bluesky.fill(2)
    session = ForgetfulSession()
    assert len(posts(bluesky, session=session)) == len(posts(bluesky, session=session)) == 2
    assert bluesky.sign_ins == 1


def test_a_session_that_has_run_out_is_renewed_without_the_password(bluesky: BlueskyFake) -> None:
    bluesky.fill(2)
    session = ForgetfulSession()
    session.save({"access": "token-0", "refresh": "refresh-1"})
    assert len(posts(bluesky, session=session)) == 2
    assert (bluesky.sign_ins, session.load()["access"]) == (0, "token-1")


def test_the_password_helps_where_the_refresh_token_does_not(bluesky: BlueskyFake) -> None:
    bluesky.fill(2)
    session = ForgetfulSession()
    session.save({"access": "token-0", "refresh": "used up"})
    assert len(posts(bluesky, session=session)) == 2
    assert bluesky.sign_ins == 1


def test_a_session_that_another_process_renewed_is_used(bluesky: BlueskyFake) -> None:
    bluesky.fill(2)

    class Shared(ForgetfulSession):
        """The other process is quicker: the token changes while the first request is under way."""

        loads = 0

        def load(self) -> dict[str, str]:
            self.loads += 1
            return {"access": "token-0" if self.loads <= 3 else "token-1", "refresh": "used up"}

    assert len(posts(bluesky, session=Shared())) == 2
    assert SIGN_IN not in bluesky.stand_in.paths()
    assert RENEW not in bluesky.stand_in.paths()


def test_a_wrong_password_is_refused_in_one_sentence(bluesky: BlueskyFake) -> None:
    bluesky.revoke()
    with pytest.raises(Refused, match="Invalid identifier or password") as caught:
        posts(bluesky)
    assert "abcd-efgh" not in str(caught.value)


def test_there_is_no_search_without_an_account() -> None:
    with pytest.raises(AccountNeeded):
        list(BlueskyConnector().search(SearchQuery("invoice")))


def test_profiles_are_asked_for_twenty_five_at_a_time(bluesky: BlueskyFake) -> None:
    views = [{**view(n), "author": {"did": f"did:plc:p{n % 60}", "handle": "p.example"}} for n in range(90)]
    bluesky.use(*views)
    assert {post.author.followers for post in posts(bluesky) if post.author} == {120}
    asked = [len(each.params["actors"]) for each in bluesky.stand_in.asked if each.path == PROFILES]
    assert asked == [25, 25, 10]


def test_time_is_the_earlier_of_two_clocks(bluesky: BlueskyFake) -> None:
    record = view(1)["record"]
    bluesky.use({**view(1), "record": {**record, "createdAt": "2026-03-05T00:00:00Z"}})
    (ahead,) = posts(bluesky)
    bluesky.use({**view(1), "record": {**record, "createdAt": "1970-01-01T00:00:00Z"}})
    (nonsense,) = posts(bluesky)
    assert ahead.created_at == nonsense.created_at
    assert f"{ahead.created_at:%Y-%m-%dT%H:%M}" == "2026-03-02T09:01"


def test_only_what_came_since_is_asked_for(bluesky: BlueskyFake) -> None:
    newest = bluesky.fill(20)[0]
    bluesky.fill(2)
    assert [post.id for post in posts(bluesky, newest)] == [uri(22), uri(21)]
    search = next(each for each in bluesky.stand_in.asked if each.path.endswith("searchPosts"))
    assert search.param("since") == view(20)["indexedAt"]


def test_a_known_post_that_is_gone_tells_its_time_by_its_key(bluesky: BlueskyFake) -> None:
    """3lmyrgvx22c2k is the key of a post of April 2025."""
    bluesky.fill(2)
    assert len(posts(bluesky, "at://did:plc:gone/app.bsky.feed.post/3lmyrgvx22c2k")) == 2
    search = next(each for each in bluesky.stand_in.asked if each.path.endswith("searchPosts"))
    assert search.param("since").startswith("2025-04-")


@pytest.mark.parametrize("key", ["self", "zzzzzzzzzzzzz", "3lmyrgvx22c2", "3LMYRGVX22C2K", ""])
def test_a_key_that_tells_no_time_asks_for_everything(bluesky: BlueskyFake, key: str) -> None:
    bluesky.fill(2)
    assert len(posts(bluesky, f"at://did:plc:gone/app.bsky.feed.post/{key}")) == 2
    search = next(each for each in bluesky.stand_in.asked if each.path.endswith("searchPosts"))
    assert search.param("since") == ""


def test_marks_count_bytes_and_may_point_anywhere(bluesky: BlueskyFake) -> None:
    kind = "app.bsky.richtext.facet#"
    text = "ça va @ada.example?"
    spans = [(7, 19), (-4, 2), (3, 10_000), (9, 7), ("7", None)]
    facets: list[object] = [
        {"index": {"byteStart": start, "byteEnd": end}, "features": [{"$type": f"{kind}mention", "did": "did:x"}]}
        for start, end in spans
    ]
    facets += [
        {
            "features": [
                {"$type": f"{kind}tag", "tag": "factures"},
                {"$type": f"{kind}link", "uri": "javascript:x"},
            ]
        },
        {"features": [{"$type": f"{kind}link", "uri": "https://tool.example/"}]},
        "nonsense",
    ]
    bluesky.use({**view(1), "record": {**view(1)["record"], "text": text, "facets": facets, "tags": ["extra"]}})
    (post,) = posts(bluesky)
    assert post.mentions == ("ada.example",)
    assert (post.hashtags, post.urls) == (("factures", "extra"), ("https://tool.example/",))


def test_a_thread_is_known_by_its_root(bluesky: BlueskyFake) -> None:
    reply_to = {"root": {"uri": uri(1)}, "parent": {"uri": uri(2)}}
    bluesky.use({**view(3), "record": {**view(3)["record"], "reply": reply_to}})
    (post,) = posts(bluesky)
    assert (post.conversation_id, post.reply_to_id) == (uri(1), uri(2))


def test_an_account_whose_name_no_longer_holds_is_linked_by_its_id(bluesky: BlueskyFake) -> None:
    bluesky.use({**view(1), "author": {"did": "did:plc:bea", "handle": "handle.invalid"}})
    bluesky.stand_in.routes[PROFILES] = lambda _: reply({"profiles": []})
    (post,) = posts(bluesky)
    assert post.author is not None
    assert (post.author.handle, post.url) == ("", "https://bsky.app/profile/did:plc:ada/post/key0000000001")


def test_what_a_password_is_for_is_read_from_its_token(bluesky: BlueskyFake) -> None:
    claims = base64.urlsafe_b64encode(json.dumps({"scope": "com.atproto.appPass"}).encode()).decode().rstrip("=")
    bluesky.access_token = f"head.{claims}.tail"
    assert account_connector(bluesky).verify().scopes == ("com.atproto.appPass",)


def test_a_token_that_tells_nothing_is_no_trouble(bluesky: BlueskyFake) -> None:
    for token in ("plain", "a.b.c", "a.!!.c", "a." + "W1tb" * 50 + ".c"):
        bluesky.access_token = token
        assert account_connector(bluesky).verify().handle == "ada.example"


# ---------------------------------------------------------------- looking up


def became(fake: BlueskyFake, *ids: str) -> list[Availability]:
    return [each.availability for each in looking(fake).look_up(ids).values()]


def test_a_post_that_is_left_out_of_an_answer_is_not_gone_while_its_record_is_there(bluesky: BlueskyFake) -> None:
    two, one = bluesky.fill(2)
    bluesky.hidden = {one}
    assert became(bluesky, one, two) == [Availability.UNKNOWN, Availability.LIVE]


def test_an_answer_that_is_empty_empties_nothing(bluesky: BlueskyFake) -> None:
    ids = bluesky.fill(3)
    bluesky.stand_in.routes[POSTS] = lambda _: reply({"posts": []})
    assert set(became(bluesky, *ids)) == {Availability.UNKNOWN}
    assert became(bluesky, ids[0]) == [Availability.UNKNOWN]


def test_posts_that_are_all_deleted_are_asked_for_one_by_one(bluesky: BlueskyFake) -> None:
    ids = bluesky.fill(3)
    bluesky.use()
    assert set(became(bluesky, *ids)) == {Availability.GONE}
    asked = [each.params["uris"] for each in bluesky.stand_in.asked if each.path == POSTS]
    assert [len(uris) for uris in asked] == [3, 1, 1, 1]


@pytest.mark.parametrize(
    "answer",
    [
        reply({"error": "RepoDeactivated", "message": "Repo has been deactivated"}, 400),
        reply({"error": "RepoTakendown"}, 400),
        reply({"error": "InvalidRequest", "message": "Could not find repo"}, 400),
        reply({"error": "NotFound"}, 404),
        reply("nonsense"),
    ],
    ids=["at rest", "taken down", "no repo", "not found", "nonsense"],
)
def test_only_the_records_of_an_author_say_that_a_post_is_deleted(bluesky: BlueskyFake, answer: Reply) -> None:
    kept, left_out = bluesky.fill(2)
    bluesky.remove(left_out)
    bluesky.stand_in.routes[RECORD] = lambda _: answer
    assert became(bluesky, left_out, kept) == [Availability.UNKNOWN, Availability.LIVE]


def test_who_follows_the_account_now_is_told_newest_first_and_only_once(bluesky: BlueskyFake) -> None:
    notices = [
        {"uri": f"at://did:plc:{name}/follow/1", "reason": "follow", "author": {"did": f"did:plc:{name}"}}
        for name in ("bea", "cleo", "ada")
    ]
    liked = {"uri": "at://did:plc:dora/like/1", "reason": "like", "author": {"did": "did:plc:dora"}}
    path = "/xrpc/app.bsky.notification.listNotifications"
    bluesky.stand_in.routes[path] = lambda _: reply({"notifications": [liked, *notices]})
    connector = cast("Followed", account_connector(bluesky))
    assert [follow.author_id for follow in connector.follows()] == ["did:plc:bea", "did:plc:cleo", "did:plc:ada"]
    assert [follow.author_id for follow in connector.follows("at://did:plc:cleo/follow/1")] == ["did:plc:bea"]
    bluesky.stand_in.routes[path] = lambda _: reply({"notifications": "none"})
    with pytest.raises(BadAnswer):
        connector.follows()
