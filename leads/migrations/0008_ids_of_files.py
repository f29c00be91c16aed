"""Ids that are only a file's begin with the slug of the project that had them first, as imports write them now
(`connectors/file_ids.py`). A post without leads is nobody's, and keeps its id.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

LINKEDIN_NUMBER = re.compile(r"[0-9]{15,30}")
LONGEST = 200
DIGEST = 32
Renamed = Callable[[str, str], str]
"""A slug and an id: the id that it becomes."""


@dataclass
class Owners:
    """The slugs of the projects that had posts and authors first, by their keys."""

    posts: dict[int, str] = field(default_factory=dict)
    authors: dict[int, str] = field(default_factory=dict)
    kept_authors: set[int] = field(default_factory=set)
    """Those who have written a post that has its platform's own id."""


def name_by_project(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _rename(apps, schema_editor, _named)


def name_by_file(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """As they were, but for those that two projects would then share again: the later ones keep their name."""
    _rename(apps, schema_editor, _bare)


def _named(slug: str, identity: str) -> str:
    named = identity if identity.startswith(f"{slug}:") else f"{slug}:{identity}"
    if len(named) <= LONGEST:
        return named
    return named[: LONGEST - DIGEST] + hashlib.sha256(named.encode()).hexdigest()[:DIGEST]


def _bare(slug: str, identity: str) -> str:
    """One of the greatest length may have been cut, and stays."""
    return identity if len(identity) == LONGEST else identity.removeprefix(f"{slug}:")


def _rename(apps: Apps, schema_editor: BaseDatabaseSchemaEditor, renamed: Renamed) -> None:
    for platform in ("file", "linkedin"):
        owners = _owners(apps, platform)
        posts = apps.get_model("leads", "Post").objects.filter(platform=platform).order_by("pk")
        ids = dict(posts.values_list("pk", "platform_post_id"))
        of_files = {pk: slug for pk, slug in owners.posts.items() if _is_of_a_file(platform, ids[pk])}
        _write(schema_editor, "leads_post", "platform_post_id", _news(ids, of_files, renamed))
        for name in ("conversation_id", "reply_to_id"):
            others = dict(posts.exclude(**{name: ""}).values_list("pk", name))
            _write(schema_editor, "leads_post", name, _others(platform, others, owners.posts, renamed))
        authors = apps.get_model("leads", "Author").objects.filter(platform=platform).order_by("pk")
        author_ids = dict(authors.values_list("pk", "platform_user_id"))
        of_file_authors = {pk: slug for pk, slug in owners.authors.items() if pk not in owners.kept_authors}
        _write(schema_editor, "leads_author", "platform_user_id", _news(author_ids, of_file_authors, renamed))


def _owners(apps: Apps, platform: str) -> Owners:
    leads = apps.get_model("leads", "Lead").objects.filter(post__platform=platform).order_by("pk")
    owners = Owners()
    rows = leads.values_list("post_id", "post__author_id", "post__platform_post_id", "project__slug")
    for post, author, identity, slug in rows:
        owners.posts.setdefault(post, slug)
        if author is not None:
            owners.authors.setdefault(author, slug)
            if not _is_of_a_file(platform, identity):
                owners.kept_authors.add(author)
    return owners


def _is_of_a_file(platform: str, identity: str) -> bool:
    return platform == "file" or not LINKEDIN_NUMBER.fullmatch(identity)


def _news(ids: Mapping[int, str], owners: Mapping[int, str], renamed: Renamed) -> Iterable[tuple[str, int]]:
    """The new ids, with their rows' keys. None is one that another row has, had, or gets."""
    taken = set(ids.values())
    for pk, identity in ids.items():
        new = renamed(owners[pk], identity) if pk in owners else identity
        if new not in taken:
            taken.add(new)
            yield new, pk


def _others(
    platform: str, ids: Mapping[int, str], owners: Mapping[int, str], renamed: Renamed
) -> Iterable[tuple[str, int]]:
    for pk, identity in ids.items():
        if pk in owners and _is_of_a_file(platform, identity):
            yield renamed(owners[pk], identity), pk


def _write(
    schema_editor: BaseDatabaseSchemaEditor, table: str, column: str, values: Iterable[tuple[str, int]]
) -> None:
    """PostgreSQL takes ten times as long row by row."""
    rows = list(values)
    if not rows:
        return
    with schema_editor.connection.cursor() as cursor:
        if schema_editor.connection.vendor == "postgresql":
            given = "unnest(%s::text[], %s::bigint[]) AS given (new, id)"
            sql = f"UPDATE {table} SET {column} = given.new FROM {given} WHERE {table}.id = given.id"  # noqa: S608
            cursor.execute(sql, [[new for new, _ in rows], [pk for _, pk in rows]])
        else:
            cursor.executemany(f"UPDATE {table} SET {column} = %s WHERE id = %s", rows)  # noqa: S608


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0007_label_tasks"),
    ]

    operations = [migrations.RunPython(name_by_project, name_by_file)]
