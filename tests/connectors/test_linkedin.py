"""LinkedIn's exports, and records as scrapers and CRMs give them. All people, pages and posts are invented."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from connectors.base import FetchedAuthor, FetchedPost, SearchQuery, connector_for
from connectors.errors import ConnectorError
from connectors.platforms.linkedin import is_linkedin, read_posts
from connectors.records import BadRecord, LeftOut
from signalops_site.core.config.schema import LinkedInPlatform

ALL = LinkedInPlatform(enabled=True)

SHARES = (
    "Date,ShareLink,ShareCommentary,SharedUrl,MediaUrl,Visibility\n"
    "2026-03-02 09:30:00,https://www.linkedin.com/feed/update/urn%3Ali%3Ashare%3A7301,"
    '"Late invoices again.""\n""""\n""Which tool do you use? #freelance",'
    "https://harbour.example/late,,MEMBER_NETWORK\n"
    "2026-03-01 08:00:00,https://www.linkedin.com/feed/update/urn%3Ali%3AugcPost%3A7300,,,,PUBLIC\n"
)
PAGE_EXPORT = (
    "All organic and sponsored posts of the period,,,,,,,,,,\n"
    "Post title,Post link,Post type,Posted by,Created date,Impressions,Views,Clicks,Likes,Comments,Reposts,"
    "Content Type\n"
    "We mended the ferry,https://www.linkedin.com/feed/update/urn:li:activity:7302,Organic,Otto Quay,03/04/2026,"
    '"1,410",12,31,20,2,1,Image\n'
)
SCRAPED: dict[str, Any] = {
    "urn": "urn:li:activity:7303",
    "url": "https://www.linkedin.com/posts/ada-harbour_invoices-activity-7303-AbCd",
    "text": "Any tool for unpaid invoices?",
    "author": {
        "name": "Ada Harbour",
        "profileUrl": "https://www.linkedin.com/in/Ada-Harbour/?trk=x",
        "headline": "Freelance editor",
        "followers": "1,234",
        "connections": "500+",
        "premium": True,
    },
    "reactions": 12,
    "comments": 3,
    "shares": 1,
    "impressions": "1.2K",
    "postedAt": "2026-03-02T09:30:00Z",
    "type": "text",
}


def posts_file(folder: Path, *records: object) -> Path:
    path = folder / "posts.jsonl"
    path.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
    return path


def written(folder: Path, content: str, name: str = "posts.csv") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def read(path: Path, options: LinkedInPlatform = ALL) -> list[FetchedPost | BadRecord | LeftOut]:
    return list(read_posts(path, options=options))


def only(folder: Path, record: object) -> FetchedPost:
    (post,) = read(posts_file(folder, record))
    assert isinstance(post, FetchedPost), post
    return post


def complaint(folder: Path, record: object) -> str:
    (bad,) = read(posts_file(folder, record))
    assert isinstance(bad, BadRecord), bad
    return str(bad)


def author(folder: Path, **changes: Any) -> FetchedAuthor | None:
    return only(folder, {"urn": "urn:li:activity:1", "text": "t", **changes}).author


# ---------------------------------------------------------------- the three kinds of files


def test_a_members_own_shares(tmp_path: Path) -> None:
    post, left_out = read(written(tmp_path, SHARES))
    assert isinstance(post, FetchedPost)
    assert (post.platform, post.id, post.author) == ("linkedin", "7301", None)
    assert post.text == "Late invoices again.\n\nWhich tool do you use? #freelance"
    assert post.created_at == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    assert post.urls == ("https://harbour.example/late",)
    assert (post.likes, post.replies, post.reposts, post.views) == (None, None, None, None)
    assert post.raw["Visibility"] == "MEMBER_NETWORK"
    assert left_out == LeftOut(5, "without words")


def test_a_pages_analytics(tmp_path: Path) -> None:
    (post,) = read(written(tmp_path, PAGE_EXPORT))
    assert isinstance(post, FetchedPost)
    assert (post.id, post.text) == ("7302", "We mended the ferry")
    assert post.created_at == datetime(2026, 3, 4, tzinfo=UTC)
    assert (post.likes, post.replies, post.reposts, post.views) == (20, 2, 1, 1410)
    assert post.author is None
    assert post.url == "https://www.linkedin.com/feed/update/urn:li:activity:7302"


def test_a_scraped_record(tmp_path: Path) -> None:
    post = only(tmp_path, SCRAPED)
    assert post.author == FetchedAuthor(
        id="ada-harbour",
        handle="ada-harbour",
        name="Ada Harbour",
        bio="Freelance editor",
        followers=1234,
        verified=True,
    )
    assert (post.likes, post.replies, post.reposts, post.views) == (12, 3, 1, 1200)
    assert post.created_at == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    assert post.raw == SCRAPED


def test_a_list_and_lines_and_columns_say_the_same(tmp_path: Path) -> None:
    by_list = read(written(tmp_path, json.dumps([SCRAPED]), "posts.json"))
    columns = (
        "post_id,url,commentary,author_name,author_profile_url,author_headline,author_followers,author_premium,"
        "likes,comments,reposts,views,date\n"
        "9,https://www.linkedin.com/feed/update/urn:li:activity:7303,Any tool for unpaid invoices?,Ada Harbour,"
        "https://linkedin.com/in/ada-harbour,Freelance editor,1234,yes,12,3,1,1200,2026-03-02T09:30:00Z\n"
    )
    by_columns = read(written(tmp_path, columns))
    (one,), (other,) = by_list, by_columns
    assert isinstance(one, FetchedPost)
    assert isinstance(other, FetchedPost)
    assert (one.id, one.text, one.author, one.created_at) == (other.id, other.text, other.author, other.created_at)
    assert (one.likes, one.replies, one.reposts, one.views) == (
        other.likes,
        other.replies,
        other.reposts,
        other.views,
    )


def test_a_workbook_is_told_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "content.xlsx"
    path.write_bytes(b"PK\x03\x04" + bytes(100))
    (bad,) = read(path)
    assert "save its sheet of posts as CSV" in str(bad)


# ---------------------------------------------------------------- which post


@pytest.mark.parametrize(
    ("record", "identity"),
    [
        ({"urn": "urn:li:activity:71"}, "71"),
        ({"post_urn": "urn:li:ugcPost:72"}, "72"),
        ({"activityId": 73}, "73"),
        ({"post_id": " 74 "}, "74"),
        ({"url": "https://www.linkedin.com/posts/ada-harbour_some-words-activity-75-xYz1?utm_source=share"}, "75"),
        ({"url": "https://www.linkedin.com/feed/update/urn%3Ali%3Ashare%3A76/"}, "76"),
        ({"id": 5, "url": "https://www.linkedin.com/feed/update/urn:li:activity:77"}, "77"),
        ({"id": "rec_5", "url": "https://crm.example/5"}, "rec_5"),
        ({"url": "https://www.linkedin.com/pulse/late-ada/?trk=1"}, "https://www.linkedin.com/pulse/late-ada/"),
    ],
)
def test_the_id_is_the_number_of_the_post(tmp_path: Path, record: dict[str, Any], identity: str) -> None:
    assert only(tmp_path, {**record, "text": "t"}).id == identity


def test_a_comment_is_not_the_post_under_which_it_stands(tmp_path: Path) -> None:
    post = only(tmp_path, {"urn": "urn:li:comment:(activity:71,88)", "text": "t"})
    assert (post.id, post.reply_to_id, post.conversation_id) == ("88", "71", "71")


def test_a_urn_makes_an_address_where_none_is_given(tmp_path: Path) -> None:
    assert only(tmp_path, {"urn": "urn:li:activity:71", "text": "t"}).url == (
        "https://www.linkedin.com/feed/update/urn:li:activity:71"
    )
    assert only(tmp_path, {"post_id": "71", "text": "t"}).url == ""
    assert only(tmp_path, {"post_id": "71", "text": "t", "url": "javascript:alert(1)"}).url == ""


# ---------------------------------------------------------------- who


def test_a_name_stands_for_a_handle_that_is_not_told(tmp_path: Path) -> None:
    assert author(tmp_path, author="Ada Harbour") == FetchedAuthor(
        id="name:Ada Harbour", handle="Ada Harbour", name="Ada Harbour"
    )


@pytest.mark.parametrize(
    "told",
    [
        {"author": "ada-harbour"},
        {"author": {"publicIdentifier": "Ada-Harbour"}},
        {"author": "https://www.linkedin.com/in/ada-harbour"},
        {"author_handle": "@ada-harbour"},
        {"profile_url": "https://uk.linkedin.com/in/ADA-harbour/"},
    ],
)
def test_a_person_is_the_same_however_named(tmp_path: Path, told: dict[str, Any]) -> None:
    found = author(tmp_path, **told)
    assert found is not None
    assert (found.id, found.handle.lower()) == ("ada-harbour", "ada-harbour")


def test_an_authors_id_holds_nothing_that_a_database_refuses(tmp_path: Path) -> None:
    found = author(tmp_path, author={"name": "Ada\u0000 Harbour\ud83d"})
    assert found is not None
    assert found.id == "name:Ada Harbour"


def test_first_and_last_name_are_one(tmp_path: Path) -> None:
    found = author(tmp_path, author={"firstName": "Ada", "lastName": "Harbour", "urn": "urn:li:person:x1"})
    assert found == FetchedAuthor(id="urn:li:person:x1", handle="Ada Harbour", name="Ada Harbour")


def test_connections_stand_for_followers_and_a_bound_is_no_number(tmp_path: Path) -> None:
    known = author(tmp_path, author={"handle": "ada", "connections": 321})
    bound = author(tmp_path, author={"handle": "ada", "connections": "500+"})
    both = author(tmp_path, author={"handle": "ada", "connections": 321, "followers": 900})
    assert known is not None
    assert bound is not None
    assert both is not None
    assert (known.followers, bound.followers, both.followers) == (321, None, 900)


def test_what_is_not_told_is_unknown(tmp_path: Path) -> None:
    post = only(tmp_path, {"urn": "urn:li:activity:1", "text": "t"})
    assert (post.author, post.created_at, post.language, post.community) == (None, None, None, "")
    assert (post.likes, post.replies, post.reposts, post.views) == (None, None, None, None)
    bare = author(tmp_path, author={"handle": "ada", "premium": None, "followers": ""})
    assert bare == FetchedAuthor(id="ada", handle="ada")


def test_a_list_of_comments_is_no_count_of_them(tmp_path: Path) -> None:
    record = {"urn": "urn:li:activity:1", "text": "t", "comments": [{"text": "yes"}], "stats": {"numLikes": 4}}
    post = only(tmp_path, record)
    assert (post.replies, post.likes) == (None, 4)


def test_a_page_is_the_author_of_its_posts(tmp_path: Path) -> None:
    record = {"urn": "urn:li:activity:1", "text": "t"}
    by_name = only(tmp_path, {**record, "company_page": "Harbour Ferries"})
    by_address = only(
        tmp_path,
        {
            **record,
            "author": {"name": "Harbour Ferries", "url": "https://www.linkedin.com/company/harbour-ferries/"},
        },
    )
    assert by_name.author == FetchedAuthor(
        id="company/name:Harbour Ferries", handle="Harbour Ferries", name="Harbour Ferries"
    )
    assert by_address.author is not None
    assert (by_address.author.id, by_address.author.handle) == ("company/harbour-ferries", "harbour-ferries")
    assert by_name.community == by_address.community == "Harbour Ferries"


def test_an_employer_is_no_page(tmp_path: Path) -> None:
    record = {"urn": "urn:li:activity:1", "text": "t", "author": "Ada Harbour", "company": "Harbour Ferries"}
    post = only(tmp_path, record)
    assert post.community == ""
    assert post.author is not None
    assert post.author.name == "Ada Harbour"


# ---------------------------------------------------------------- when


def test_a_distance_counts_from_when_the_record_was_made(tmp_path: Path) -> None:
    record = {"urn": "urn:li:activity:1", "text": "t", "date": "2w"}
    assert only(tmp_path, record).created_at is None
    known = only(tmp_path, {**record, "scrapedAt": "2026-03-15T00:00:00Z"})
    assert known.created_at == datetime(2026, 3, 1, tzinfo=UTC)


def test_a_post_of_nothing_that_can_be_kept_has_no_words(tmp_path: Path) -> None:
    (left_out,) = read_posts(posts_file(tmp_path, {"urn": "urn:li:activity:1", "text": "\0"}), options=ALL)
    assert isinstance(left_out, LeftOut)


def test_a_time_that_lies_ahead_is_unknown(tmp_path: Path) -> None:
    told = {"urn": "urn:li:activity:1", "text": "t", "postedAt": "2999-01-01"}
    assert only(tmp_path, told).created_at is None


def test_a_time_may_be_told_in_two_ways_at_once(tmp_path: Path) -> None:
    told = {"relative": "2w", "date": "2026-03-01"}
    post = only(tmp_path, {"urn": "urn:li:activity:1", "text": "t", "postedAt": told})
    assert post.created_at == datetime(2026, 3, 1, tzinfo=UTC)


# ---------------------------------------------------------------- what is wrong is told


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"urn": None, "url": None}, "line 1: needs a `urn`, a `post_id`, or a `url`"),
        ({"urn": "7.3E+18", "url": None}, "which a spreadsheet has shortened"),
        ({"urn": 7.3e18, "url": None}, "needs a `urn`"),
        ({"text": 5.5}, "`text` should be text"),
        ({"reactions": "many"}, "`reactions` should be a whole number"),
        ({"comments": -1}, "`comments` should be"),
        ({"postedAt": "03/04/2026"}, "`posted_at` is '03/04/2026', which may be two days"),
        ({"postedAt": "soon"}, "`posted_at` is 'soon', which is no time"),
        ({"scraped_at": "soon"}, "`scraped_at` is 'soon'"),
        ({"author": {"name": ["Ada"]}}, "`name` should be text"),
        ({"author": {"handle": "ada", "premium": "perhaps"}}, "`author.premium` should be true or false"),
        ({"author": {"handle": "ada", "followers": "a few"}}, "`author.followers` should be a whole number"),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    assert said in complaint(tmp_path, {**SCRAPED, **changes})


def test_a_record_without_a_place_for_words_is_wrong_and_one_without_words_is_left_out(tmp_path: Path) -> None:
    assert "needs a `text` or a `commentary`" in complaint(tmp_path, {"urn": "urn:li:activity:1"})
    assert read(posts_file(tmp_path, {"urn": "urn:li:activity:1", "text": " "})) == [LeftOut(1, "without words")]


# ---------------------------------------------------------------- what the project wants


def wanted(folder: Path, options: dict[str, Any], *records: dict[str, Any]) -> list[str]:
    path = posts_file(folder, *({"urn": f"urn:li:activity:{n}", "text": "t", **r} for n, r in enumerate(records)))
    found = read(path, LinkedInPlatform(enabled=True, **options))
    return [record.id for record in found if isinstance(record, FetchedPost)]


def test_kinds_that_are_not_named_are_left_out(tmp_path: Path) -> None:
    records: tuple[dict[str, Any], ...] = (
        {"type": "Text"},
        {"postType": "poll"},
        {},
        {"post_type": "organic", "Content Type": "Article"},
    )
    assert wanted(tmp_path, {"post_types": ["text", "article"]}, *records) == ["0", "2", "3"]
    assert wanted(tmp_path, {}, *records) == ["0", "1", "2", "3"]


@pytest.mark.parametrize(
    "page", ["harbour ferries", "https://www.linkedin.com/company/harbour-ferries", "Harbour-Ferries"]
)
def test_pages_that_are_not_named_are_left_out_and_people_are_not(tmp_path: Path, page: str) -> None:
    address = "https://linkedin.com/company/harbour-ferries/posts"
    records: tuple[dict[str, Any], ...] = (
        {"author": {"name": "Harbour  Ferries", "url": address}},
        {"author": {"name": "Tidal Rowing", "type": "company"}},
        {"author": "Ada Harbour"},
        {"company_name": "Tidal Rowing"},
    )
    assert wanted(tmp_path, {"company_pages": [page]}, *records) == ["0", "2"]
    assert wanted(tmp_path, {}, *records) == ["0", "1", "2", "3"]


# ---------------------------------------------------------------- telling LinkedIn's files from others


@pytest.mark.parametrize(
    "content",
    [
        SHARES,
        PAGE_EXPORT,
        json.dumps(SCRAPED),
        json.dumps([SCRAPED]),
        "post_id,url,commentary\n1,https://www.linkedin.com/feed/update/urn:li:activity:1,Hello\n",
    ],
    ids=["shares", "page", "lines", "list", "columns"],
)
def test_linkedins_files_are_known(tmp_path: Path, content: str) -> None:
    assert is_linkedin(written(tmp_path, content))


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\n",
        "{oops",
        "[]",
        "[1]",
        "id,text\n1,Hello\n",
        "post_id,text\n1,Hello\n",
        '{"id": "1", "text": "Hello", "url": "https://www.linkedin.com/feed/update/urn:li:activity:1"}',
        "\x00\x01",
    ],
)
def test_others_are_left_to_the_plain_formats(tmp_path: Path, content: str) -> None:
    assert not is_linkedin(written(tmp_path, content))


def test_it_cannot_be_searched_and_says_what_to_do() -> None:
    with pytest.raises(ConnectorError, match=r"no public search.*importposts FILE --format linkedin"):
        list(connector_for("linkedin").search(SearchQuery("x")))


def test_the_examples_of_the_documentation_are_read(tmp_path: Path) -> None:
    page = (settings.BASE_DIR / "docs" / "connectors.md").read_text(encoding="utf-8")
    section = page.partition("\n## LinkedIn\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"^ {4}((?:Date,|Post title,|\{).*\n(?: {4}.+\n)*)", section, flags=re.MULTILINE)
    examples = [re.sub(r"^ {4}", "", block, flags=re.MULTILINE) for block in blocks]
    assert len(examples) == 3
    for example in examples:
        one_line = " ".join(example.split("\n")) if example.startswith("{") else example
        path = written(tmp_path, one_line)
        assert is_linkedin(path)
        (post,) = read(path)
        assert isinstance(post, FetchedPost)
        assert post.created_at is not None
