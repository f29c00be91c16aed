import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from leads.models import Lead, Post, RawPost
from leads.services.imports import check_file, left_out_words
from signalops_site.core.models import AuditEntry, Project
from tests.factories import ProjectFactory, document

pytestmark = pytest.mark.django_db


def project_that_wants(**linkedin: Any) -> Project:
    chosen = document(platforms={"linkedin": {"enabled": True, **linkedin}})
    return ProjectFactory.create(slug="tidewater", document=chosen)


def posts_file(folder: Path, *records: dict[str, Any]) -> Path:
    path = folder / "posts.json"
    path.write_text(json.dumps(list(records)))
    return path


def post(number: int, **changes: Any) -> dict[str, Any]:
    author = {"name": "Ada Harbour", "premium": True, "connections": 90}
    return {"urn": f"urn:li:activity:{number}", "text": "Which tool?", "author": author, **changes}


def imported(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("importposts", path, "--project", "tidewater", *options, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("options", [["--format", "linkedin"], ["--format", "auto"], []])
def test_posts_become_leads_once(tmp_path: Path, options: list[str]) -> None:
    project_that_wants()
    path = posts_file(tmp_path, post(1), post(2, likes=7))
    assert json.loads(imported(path, "--json", *options)) == {"read": 2, "added": 2}
    assert json.loads(imported(path, "--json", *options)) == {"read": 2, "added": 0}
    stored = Post.objects.select_related("author").get(platform="linkedin", platform_post_id="tidewater:2")
    assert (stored.likes, stored.replies, stored.posted_at) == (7, None, None)
    assert stored.author is not None
    assert (stored.author.handle, stored.author.verified, stored.author.followers) == ("Ada Harbour", True, 90)
    assert Lead.objects.count() == RawPost.objects.count() == 2


@pytest.mark.parametrize("options", [["--format", "linkedin"], []])
def test_a_project_that_has_it_switched_off_takes_nothing_and_says_so(
    project: Project, tmp_path: Path, options: list[str]
) -> None:
    with pytest.raises(CommandError, match=r"switched off for tidewater.*platforms.linkedin.enabled: true"):
        imported(posts_file(tmp_path, post(1)), *options)
    assert not Post.objects.exists()
    assert not AuditEntry.objects.filter(action__startswith="posts.import").exists()


def test_a_file_is_not_read_as_linkedins_when_no_project_asks_for_it(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="LinkedIn is switched off, so nothing was taken"):
        check_file(posts_file(tmp_path, post(1)))


def test_kinds_and_pages_that_are_not_wanted_are_left_out_and_counted(tmp_path: Path) -> None:
    project_that_wants(post_types=["text"], company_pages=["Harbour Ferries"])
    path = posts_file(
        tmp_path,
        post(1, type="text"),
        post(2, type="poll"),
        post(3, type="poll"),
        post(4, author={"name": "Tidal Rowing", "type": "company"}),
        post(5, text=""),
    )
    said = imported(path)
    assert "Read 1 posts; 1 are new leads" in said
    assert "Left out 4: 2 of a kind that platforms.linkedin.post_types does not name" in said
    assert "1 of a page that platforms.linkedin.company_pages does not name" in said
    assert "1 without words" in said
    assert json.loads(imported(path, "--json"))["left_out"]["without words"] == 1
    assert list(Post.objects.values_list("platform_post_id", flat=True)) == ["tidewater:1"]


def test_a_file_of_which_nothing_is_wanted_is_refused_with_the_reason(tmp_path: Path) -> None:
    project_that_wants(post_types=["article"])
    with pytest.raises(CommandError, match=r"holds no posts to take. Left out 1: 1 of a kind .*\.$"):
        imported(posts_file(tmp_path, post(1, type="poll")))


def test_one_bad_record_and_nothing_is_written(tmp_path: Path) -> None:
    project_that_wants()
    path = tmp_path / "posts.jsonl"
    path.write_text("\n".join(json.dumps(each) for each in (post(1), post(2, likes="many"), {"text": "t"})))
    with pytest.raises(
        CommandError, match=r"nothing was written.\nline 2: `likes` should.*\nline 3: needs a `urn`"
    ):
        imported(path, "--format", "linkedin")
    assert not Post.objects.exists()


def test_nothing_left_out_needs_no_words() -> None:
    assert left_out_words({}) == ""


def test_a_number_of_linkedins_is_one_post_in_every_project_and_another_id_is_not(tmp_path: Path) -> None:
    project_that_wants()
    chosen = document(platforms={"linkedin": {"enabled": True}}, project_id="elsewhere")
    ProjectFactory.create(slug="elsewhere", document=chosen)
    path = posts_file(tmp_path, post(7301234567890123456), {**post(1), "urn": "row 5"})
    for slug in ("tidewater", "elsewhere"):
        imported(path, "--project", slug, "--format", "linkedin")
    ids = sorted(Post.objects.values_list("platform_post_id", flat=True))
    assert ids == ["7301234567890123456", "elsewhere:row 5", "tidewater:row 5"]
    assert Lead.objects.count() == 4
