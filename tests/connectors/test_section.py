import pytest
from pytest_django import Settings

from connectors.addresses import BadAddress, is_public, public_name_in, web_address
from connectors.section import check_addresses, check_queries
from tests.factories import document


@pytest.mark.parametrize(
    ("chosen", "address"),
    [
        ("fosstodon.org", "https://fosstodon.org"),
        (" https://Fosstodon.org/ ", "https://fosstodon.org"),
        ("bücher.example", "https://xn--bcher-kva.example"),
        ("a.b-c.example", "https://a.b-c.example"),
    ],
)
def test_an_instance_is_a_host(chosen: str, address: str) -> None:
    assert web_address(chosen) == address


@pytest.mark.parametrize(
    "chosen",
    [
        "http://fosstodon.org",
        "https://fosstodon.org/@ada",
        "https://ada:secret@fosstodon.org",
        "https://fosstodon.org:8080",
        "https://fosstodon.org?x=1",
        "localhost",
        "127.0.0.1",
        "https://[::1]",
        "https://[::1",
        "https://::1]",
        "https://[harbour.example]",
        "https://harbour\u2100.example",
        "https://harbour.example:99999",
        "https://harbour.example:port",
        "https://harbour .example",
        "harbour\0.example",
        "harbour\ud83d.example",
        "https://",
        "://",
        "169.254.169.254",
        "2130706433",
        "0x7f.1",
        "ftp://fosstodon.org",
        "",
        "-a.example",
        "a..example",
        "a.example#x",
        "fosstodon.org\\@evil.example",
        "x" * 300 + ".example",
    ],
)
def test_nothing_else_is(chosen: str) -> None:
    with pytest.raises(BadAddress):
        web_address(chosen)


def test_a_wrong_instance_is_found_when_the_project_is_checked() -> None:
    (problem,) = check_addresses(document(platforms={"mastodon": {"instance": "http://127.0.0.1"}}))
    assert problem.path == "platforms.mastodon.instance"
    assert list(check_addresses(document(platforms={"mastodon": {"instance": "fosstodon.org"}}))) == []


def test_an_instance_that_cannot_even_be_split_is_a_problem_like_any_other() -> None:
    (problem,) = check_addresses(document(platforms={"mastodon": {"instance": "https://[::1"}}))
    assert problem.path == "platforms.mastodon.instance"


@pytest.mark.parametrize("platform", ["mastodon", "bluesky", "reddit", "hackernews", "sample"])
def test_queries_of_what_is_there_are_in_order(platform: str) -> None:
    assert list(check_queries(document(queries=[{"text": "x", "label": "x", "platform": platform}]))) == []


@pytest.mark.parametrize("platform", ["file", "linkedin"])
def test_what_cannot_be_searched_is_imported(platform: str) -> None:
    (problem,) = check_queries(document(queries=[{"text": "x", "label": "x", "platform": platform}]))
    assert (problem.path, problem.severity) == ("queries.0.platform", "error")
    assert "cannot be searched: import" in problem.message


def x_problems(text: str, **x: object) -> list[tuple[str, str]]:
    query = {"text": text, "label": "all", "platform": "x"}
    found = check_queries(document(queries=[query], platforms={"x": x}))
    return [(problem.path, problem.severity) for problem in found]


def test_a_query_that_is_too_long_for_its_platform_is_found_when_the_project_is_checked(
    settings: Settings,
) -> None:
    assert x_problems("x" * 500) == []
    assert x_problems("x" * 501) == [("queries.0.text", "warning")]
    assert x_problems("x" * 512, include_retweets=True) == []
    assert x_problems("x" * 1000, search_type="all") == []
    assert x_problems("x" * 600 + "${NAME}") == []
    settings.X_MAX_QUERY_LENGTH = 4096
    assert x_problems("x" * 4000) == []


def test_two_queries_that_ask_for_the_same_are_an_error_that_names_both() -> None:
    same = {"text": "invoice", "platform": "sample"}
    queries = [{**same, "label": "first"}, {**same, "text": "other", "label": "else"}, {**same, "label": "second"}]
    (problem,) = check_queries(document(queries=queries))
    assert (problem.path, problem.severity) == ("queries.2.text", "error")
    assert problem.message == "the queries 'first' and 'second' ask sample for the same: keep one of them"


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("192.168.0.1", False),
        ("64:ff9b::5db8:d70e", True),
        ("64:ff9b::a9fe:a9fe", False),
        ("2002:7f00:1::1", False),
    ],
)
def test_where_a_name_leads_is_public_or_not(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_what_the_operator_has_set_may_be_anywhere(settings: Settings) -> None:
    settings.PLATFORM_BASE_URLS = {"mastodon": "https://gateway.internal.example"}
    assert public_name_in("https://gateway.internal.example") == ""
    assert public_name_in("http://127.0.0.1:9000") == ""
    assert public_name_in("https://fosstodon.org") == "fosstodon.org"
