"""The index on SQLite: an FTS5 table whose row ids are the leads'. Words are stemmed as English ones are."""

from collections.abc import Sequence

from django.db import connection

from .words import Search, Term

TRIGGER = (
    "CREATE TRIGGER IF NOT EXISTS leads_search_forget AFTER DELETE ON leads_lead "
    "BEGIN DELETE FROM leads_search WHERE rowid = old.id; END"
)
CREATE = (
    "CREATE VIRTUAL TABLE leads_search USING fts5(scope, words, tokenize = 'porter unicode61')",
    "INSERT INTO leads_search(leads_search, rank) VALUES ('automerge', 16)",
    TRIGGER,
)
FORGET_ALL: tuple[str, ...] = ()
"""`manage.py flush` deletes the leads, as the trigger sees."""
FORGET_ALL_NO_MORE: tuple[str, ...] = ()
DROP = ("DROP TRIGGER IF EXISTS leads_search_forget", "DROP TABLE leads_search")

MATCHES = "SELECT rowid FROM leads_search WHERE leads_search MATCH %s"
IS_MATCH = "EXISTS (SELECT 1 FROM leads_search WHERE leads_search MATCH %s AND leads_search.rowid = leads_lead.id)"


def keep_trigger() -> None:
    """SQLite loses a table's triggers whenever a migration makes the table anew."""
    with connection.cursor() as cursor:
        cursor.execute(TRIGGER)


def forget_words() -> None:
    """After an erasure: merge the index, which until then holds the words of deleted documents."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO leads_search(leads_search) VALUES ('optimize')")


def write(documents: Sequence[tuple[int, int, str]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany("DELETE FROM leads_search WHERE rowid = %s", [(pk,) for pk, _, _ in documents])
        cursor.executemany(
            "INSERT INTO leads_search(rowid, scope, words) VALUES (%s, %s, %s)",
            [(pk, _scope(project), words) for pk, project, words in documents],
        )


def matches_up_to(most: int, search: Search, project_ids: Sequence[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT 1 FROM leads_search WHERE leads_search MATCH %s LIMIT %s)",
            [query(search, project_ids), most],
        )
        return int(cursor.fetchone()[0])


def query(search: Search, project_ids: Sequence[int]) -> str:
    """In FTS5's language. Words are letters and digits alone, and quoted all the same."""
    wanted = " AND ".join(_term(term) for term in search.terms if not term.excluded)
    unwanted = " OR ".join(_term(term) for term in search.terms if term.excluded)
    words = f"words : ({wanted})" if not unwanted else f"words : (({wanted}) NOT ({unwanted}))"
    if not project_ids:
        return words
    scopes = " OR ".join(_scope(project) for project in project_ids)
    return f"scope : ({scopes}) AND {words}"


def _term(term: Term) -> str:
    phrase = " + ".join(f'"{word}"' for word in term.words)
    return f"{phrase} *" if term.starts else phrase


def _scope(project_id: int) -> str:
    return f"p{project_id}"
