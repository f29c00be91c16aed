"""The index on PostgreSQL: a table of tsvectors with a GIN index. Words are stemmed as English ones are.

The configuration is our own: `english` would drop words such as "the" and then find nothing for them.
"""

from collections.abc import Sequence

from django.db import connection

from .words import Search, Term

CREATE = (
    "CREATE TEXT SEARCH DICTIONARY signalops_stem (TEMPLATE = snowball, LANGUAGE = english)",
    "CREATE TEXT SEARCH CONFIGURATION signalops (COPY = simple)",
    "ALTER TEXT SEARCH CONFIGURATION signalops ALTER MAPPING FOR asciiword, word WITH signalops_stem",
    "CREATE TABLE leads_search (lead_id bigint PRIMARY KEY, words tsvector NOT NULL)",
    "CREATE INDEX leads_search_words ON leads_search USING gin (words)",
    (
        "CREATE FUNCTION leads_search_forget() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN DELETE FROM leads_search WHERE lead_id = old.id; RETURN old; END $$"
    ),
    (
        "CREATE TRIGGER leads_search_forget AFTER DELETE ON leads_lead "
        "FOR EACH ROW EXECUTE FUNCTION leads_search_forget()"
    ),
)
FORGET_ALL = (
    (
        "CREATE FUNCTION leads_search_forget_all() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN TRUNCATE leads_search; RETURN NULL; END $$"
    ),
    (
        "CREATE TRIGGER leads_search_forget_all AFTER TRUNCATE ON leads_lead "
        "FOR EACH STATEMENT EXECUTE FUNCTION leads_search_forget_all()"
    ),
)
"""`manage.py flush` truncates, which is no deletion of rows to a trigger."""
FORGET_ALL_NO_MORE = (
    "DROP TRIGGER leads_search_forget_all ON leads_lead",
    "DROP FUNCTION leads_search_forget_all()",
)
DROP = (
    "DROP TRIGGER leads_search_forget ON leads_lead",
    "DROP FUNCTION leads_search_forget()",
    "DROP TABLE leads_search",
    "DROP TEXT SEARCH CONFIGURATION signalops",
    "DROP TEXT SEARCH DICTIONARY signalops_stem",
)

MATCHES = "SELECT lead_id FROM leads_search WHERE words @@ to_tsquery('signalops', %s)"
IS_MATCH = (
    "EXISTS (SELECT 1 FROM leads_search WHERE leads_search.lead_id = leads_lead.id"
    " AND words @@ to_tsquery('signalops', %s))"
)


def keep_trigger() -> None:
    """PostgreSQL keeps a table's triggers."""


def forget_words() -> None:
    """A deleted row's words go with the next vacuum, as all deleted rows do."""


def write(documents: Sequence[tuple[int, int, str]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO leads_search(lead_id, words) VALUES (%s, to_tsvector('signalops', %s))"
            " ON CONFLICT (lead_id) DO UPDATE SET words = excluded.words",
            [(pk, f"{_scope(project)} {words}") for pk, project, words in documents],
        )


def matches_up_to(most: int, search: Search, project_ids: Sequence[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT 1 FROM leads_search"
            " WHERE words @@ to_tsquery('signalops', %s) LIMIT %s) AS found",
            [query(search, project_ids), most],
        )
        return int(cursor.fetchone()[0])


def query(search: Search, project_ids: Sequence[int]) -> str:
    """In to_tsquery's language. Words are letters and digits alone."""
    parts = [f"!({_term(term)})" if term.excluded else f"({_term(term)})" for term in search.terms]
    if project_ids:
        parts.append("({})".format(" | ".join(_scope(project) for project in project_ids)))
    return " & ".join(parts)


def _term(term: Term) -> str:
    phrase = " <-> ".join(term.words)
    return f"{phrase}:*" if term.starts else phrase


def _scope(project_id: int) -> str:
    """No word of a text looks like it: those hold no sign between letters and digits."""
    return f"0p{project_id}scope"
