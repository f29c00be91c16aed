"""X's filtered stream: rules that an app has, and the posts that match one of them as they appear.

An app has one set of rules, which other projects and other programs use as well. Ours carry a tag; rules of
another tag are left alone, and posts that match only those are passed over. Rules are written by the app's own
token. The description asks for the stream's fields by the older names (`tweet.fields`), unlike the search's.

Source: the API's description, version 2.167; https://docs.x.com/x-api/posts/filtered-stream/introduction (read
2026-11-23).
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from .base import FetchedPage, FetchedPost, PostStream, RuleChanges
from .errors import BadAnswer, BadQuery, NoAnswer
from .http import Answer, PlatformClient
from .reading import as_id, as_list, as_object, as_text, objects_in
from .x_payloads import error_codes, found_in, items_in, problem_code

log = logging.getLogger(__name__)

STREAM = "/2/tweets/search/stream"
RULES = f"{STREAM}/rules"
SILENCE = 30.0
"""Seconds. A sign of life comes every 20."""
STREAM_FIELDS: Mapping[str, str] = {
    "tweet.fields": "author_id,conversation_id,created_at,entities,id,lang,note_tweet,public_metrics,"
    "referenced_tweets,text,withheld",
    "user.fields": "created_at,description,entities,id,name,public_metrics,username,verified",
    "expansions": "author_id,referenced_tweets.id,referenced_tweets.id.author_id",
}
MOST_RULE_PAGES = 50


class Asking(Protocol):
    """How the connector asks, and what it signs with as an app."""

    def get(self, client: PlatformClient, path: str, *, window: str = "", **params: Any) -> Answer: ...

    def as_app(self) -> Mapping[str, str]: ...


class XStream(PostStream):
    def __init__(self, connector: Asking, client: PlatformClient, rules: Sequence[str], *, tag: str) -> None:
        self.connector, self.client = connector, client
        self.changes, self._ids = self._write_rules(list(dict.fromkeys(rules)), tag=tag)

    def posts(self, *, backfill_minutes: int) -> Iterator[FetchedPage]:
        backfill = {"backfill_minutes": backfill_minutes} if backfill_minutes else {}
        lines = self.client.follow(
            STREAM, silence=SILENCE, params={**STREAM_FIELDS, **backfill}, headers=self.connector.as_app()
        )
        for messages in lines:
            told = [as_object(message) for message in messages]
            farewell = next((place for place, message in enumerate(told) if _is_farewell(message)), len(told))
            posts = tuple(post for message in told[:farewell] for post in self._posts_in(message))
            yield FetchedPage(posts, read=sum(len(items_in(message)) for message in told[:farewell]))
            if farewell < len(told):
                codes = ", ".join(error_codes(told[farewell]))
                raise NoAnswer(f"X ends the connection ({codes}).")

    def hang_up(self) -> None:
        self.client.hang_up()

    def close(self) -> None:
        self.client.close()

    def _posts_in(self, message: Mapping[str, Any]) -> list[FetchedPost]:
        if codes := error_codes(message):
            log.info("X's stream: %s", ", ".join(codes))
        rules = {as_id(rule.get("id")) for rule in objects_in(message.get("matching_rules"))}
        if rules and not rules & self._ids:
            return []
        return [found.post for found in found_in(message) if found.post is not None]

    def _write_rules(self, wanted: list[str], *, tag: str) -> tuple[RuleChanges, set[str]]:
        """What is too much goes first: an app has room for so many rules."""
        present = list(self._rules())
        kept = {as_text(rule.get("value")): as_id(rule.get("id")) for rule in present}
        ours = [rule for rule in present if rule.get("tag") == tag]
        surplus = [as_id(rule.get("id")) for rule in ours if rule.get("value") not in wanted]
        lacking = [value for value in wanted if value not in kept]
        if surplus:
            self._post({"delete": {"ids": surplus}})
        added = self._add(lacking, tag=tag) if lacking else set()
        ids = {kept[value] for value in wanted if value in kept} | added
        return RuleChanges(len(lacking), len(surplus), len(wanted) - len(lacking)), ids

    def _rules(self) -> Iterator[Mapping[str, Any]]:
        token = ""
        for _ in range(MOST_RULE_PAGES):
            answer = self.connector.get(self.client, RULES, pagination_token=token)
            yield from objects_in(as_object(answer.body).get("data"))
            token = as_text(as_object(as_object(answer.body).get("meta")).get("next_token"))
            if not token:
                return

    def _add(self, values: Sequence[str], *, tag: str) -> set[str]:
        """The ids of the new rules. A rule that X takes for one that is there already is that one."""
        body = self._post({"add": [{"value": value, "tag": tag} for value in values]})
        for problem in objects_in(body.get("errors")):
            if problem.get("title") != "DuplicateRule":
                raise BadQuery(_why(problem), code=problem_code(problem))
        told = [*objects_in(body.get("data")), *objects_in(body.get("errors"))]
        ids = {as_id(rule.get("id")) for rule in told} - {""}
        if not ids:
            raise BadAnswer("X does not say whether it took the stream's rules.")
        return ids

    def _post(self, content: Mapping[str, Any]) -> Mapping[str, Any]:
        return as_object(self.client.post(RULES, content=content, headers=self.connector.as_app()).body)


def _is_farewell(message: Mapping[str, Any]) -> bool:
    """X's word that it is about to end the connection. What came before it is whole."""
    return bool(error_codes(message)) and "data" not in message


def _why(problem: Mapping[str, Any]) -> str:
    words = " ".join(filter(None, map(as_text, as_list(problem.get("details")))))
    said = words or as_text(problem.get("detail")) or as_text(problem.get("title"))
    shown = " ".join("".join(character if character.isprintable() else " " for character in said[:300]).split())
    return f"X does not take the stream's rule {as_text(problem.get('value'))[:80]!r}: {shown}"
