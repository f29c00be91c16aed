"""The ids of Mastodon's posts name their instance, as they are read now: two instances number posts alike. A post
that does not say where it was read keeps its id.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

BATCH = 2000
LONGEST = 200
NAMES = ("platform_post_id", "conversation_id", "reply_to_id")
Renamed = Callable[[str, str], str]
"""An id and an instance: the id that it becomes."""


def name_instances(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    _rename(apps, _named)


def name_none(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """As they were, but for those that two instances would then share: the later ones keep their name."""
    _rename(apps, _bare)


def _named(identity: str, instance: str) -> str:
    named = f"{identity}@{instance.lower()}"
    return identity if "@" in identity or len(named) > LONGEST else named


def _bare(identity: str, instance: str) -> str:
    return identity.removesuffix(f"@{instance.lower()}")


def _rename(apps: Apps, renamed: Renamed) -> None:
    posts = apps.get_model("leads", "Post").objects.filter(platform="mastodon").exclude(community="")
    taken = set(posts.values_list("platform_post_id", flat=True))
    for batch in _batches(posts):
        for post in batch:
            new = renamed(post.platform_post_id, post.community)
            if new not in taken:
                taken.add(new)
                post.platform_post_id = new
            for name in NAMES[1:]:
                if identity := getattr(post, name):
                    setattr(post, name, renamed(identity, post.community))
        posts.model.objects.bulk_update(batch, NAMES)


def _batches(posts: Any) -> Iterator[list[Any]]:
    last = 0
    while batch := list(posts.filter(pk__gt=last).only(*NAMES, "community").order_by("pk")[:BATCH]):
        yield batch
        last = batch[-1].pk


class Migration(migrations.Migration):
    dependencies = [("leads", "0009_search_forgets_a_flush")]

    operations = [migrations.RunPython(name_instances, name_none)]
