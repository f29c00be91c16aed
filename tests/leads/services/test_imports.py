import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from connectors.base import FetchedAuthor, FetchedPost
from leads.models import Lead, LeadQuery, Post
from leads.services.ingest import store_posts
from signalops_site.core.models import AuditEntry, Project

pytestmark = pytest.mark.django_db
CORPUS = settings.BASE_DIR.parent / "shared" / "corpora" / "business_posts.jsonl"


def posts_file(folder: Path, *records: object) -> Path:
    path = folder / "posts.jsonl"
    path.write_text("\n".join(json.dumps(record) for record in records))
    return path


def imported(path: Path, *options: str) -> dict[str, int]:
    out = StringIO()
    call_command("importposts", path, "--project", "tidewater", "--json", *options, stdout=out)
    result: dict[str, int] = json.loads(out.getvalue())
    return result


def test_importing_again_adds_nothing(project: Project, tmp_path: Path) -> None:
    path = posts_file(tmp_path, {"id": "1", "text": "one"}, {"id": "2", "text": "two"})
    assert imported(path) == {"read": 2, "added": 2}
    assert imported(path) == {"read": 2, "added": 0}
    assert Lead.objects.count() == Post.objects.count() == 2
    assert AuditEntry.objects.filter(action="posts.import").count() == 2


def test_two_projects_whose_files_have_the_same_ids_share_nothing(
    project: Project, other_project: Project, tmp_path: Path
) -> None:
    for number, slug in enumerate((project.slug, other_project.slug), start=1):
        author = {"id": "7", "handle": f"ada{number}", "bio": f"bio {number}"}
        path = posts_file(tmp_path, {"id": "1", "text": f"text {number}", "author": author})
        assert imported(path, "--project", slug) == {"read": 1, "added": 1}
        assert imported(path, "--project", slug) == {"read": 1, "added": 0}

    leads = Lead.objects.select_related("post__author", "project").order_by("pk")
    told = [(lead.project.slug, lead.post.text, lead.post.author and lead.post.author.bio) for lead in leads]
    assert told == [("tidewater", "text 1", "bio 1"), ("elsewhere", "text 2", "bio 2")]
    ids = [(lead.post.platform_post_id, lead.post.author and lead.post.author.platform_user_id) for lead in leads]
    assert ids == [("tidewater:1", "tidewater:7"), ("elsewhere:1", "elsewhere:7")]


def test_a_duplicate_rolls_nothing_back(project: Project, tmp_path: Path) -> None:
    path = posts_file(
        tmp_path, {"id": "1", "text": "one"}, {"id": "1", "text": "again"}, {"id": "2", "text": "two"}
    )
    assert imported(path)["added"] == 2


def test_one_bad_line_and_nothing_is_written(project: Project, tmp_path: Path) -> None:
    path = posts_file(tmp_path, {"id": "1", "text": "one"}, {"id": "2"})
    with pytest.raises(CommandError, match=r"nothing was written.\nline 2: needs a `text`"):
        imported(path)
    assert not Post.objects.exists()


@pytest.mark.parametrize(
    "record",
    [
        {"id": "q\ud800", "text": "t"},
        {"id": "q", "text": "t", "author": {"handle": "ada\ud800"}},
        {"id": "q\0", "text": "t"},
        {"id": "q", "text": "t", "author": {"id": "a\0"}},
        {"id": "q", "text": "\0"},
    ],
)
def test_what_no_database_takes_is_told_before_anything_is_written(
    project: Project, tmp_path: Path, record: dict[str, object]
) -> None:
    many = [{"id": str(number), "text": "fine"} for number in range(600)]
    with pytest.raises(CommandError, match=r"nothing was written.\nline 601: "):
        imported(posts_file(tmp_path, *many, record))
    assert not Post.objects.exists()


def test_many_bad_lines_are_counted(project: Project, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"\.\.\. and 30 more\."):
        imported(posts_file(tmp_path, *[{"id": str(number)} for number in range(50)]))


def test_the_query_label_stands_on_the_leads(project: Project, tmp_path: Path) -> None:
    imported(posts_file(tmp_path, {"id": "1", "text": "one"}), "--query", "spring fair")
    assert LeadQuery.objects.get().label == "spring fair"


def test_a_file_s_hashtags_mentions_and_links_stand_beside_the_text(project: Project, tmp_path: Path) -> None:
    imported(posts_file(tmp_path, {"id": "1", "text": "@ada a tool for #invoicing? (https://a.example/b)"}))

    post = Post.objects.get()
    assert (post.hashtags, post.mentions, post.urls) == (["invoicing"], ["ada"], ["https://a.example/b"])


def test_shifted_dates_keep_their_distances_and_end_now(project: Project, tmp_path: Path) -> None:
    imported(
        posts_file(
            tmp_path,
            {"id": "1", "text": "old", "created_utc": 1_000_000},
            {"id": "2", "text": "new", "created_utc": 1_086_400},
        ),
        "--shift-dates",
    )
    old, new = Post.objects.order_by("posted_at").values_list("posted_at", flat=True)
    assert old is not None
    assert new is not None
    assert new - old == timedelta(days=1)
    assert abs(timezone.now() - new) < timedelta(minutes=1)


@pytest.mark.parametrize("content", ["", "\n\n"])
def test_an_empty_file_is_refused(project: Project, tmp_path: Path, content: str) -> None:
    (tmp_path / "posts.jsonl").write_text(content)
    with pytest.raises(CommandError, match="holds no posts"):
        imported(tmp_path / "posts.jsonl")


def test_an_absent_file_and_an_absent_project_are_refused(project: Project, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no file"):
        imported(tmp_path / "none.jsonl")
    with pytest.raises(CommandError, match="There is no project 'nowhere'"):
        call_command("importposts", tmp_path / "none.jsonl", "--project", "nowhere")


@pytest.mark.corpora
@pytest.mark.skipif(not CORPUS.exists(), reason="../shared/corpora is not here")
def test_real_posts_are_taken_in_whole(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    path.write_text("".join(CORPUS.read_text(encoding="utf-8").splitlines(keepends=True)[:1200]))
    assert imported(path) == {"read": 1200, "added": 1200}
    assert Post.objects.filter(posted_at__isnull=True).count() == 0
    assert Post.objects.exclude(community="").count() == 1200


X_POST = {"id": "2030000000000000001", "text": "Any &amp; all invoices", "author_id": "7"}
X_ANSWER = {
    "data": [X_POST],
    "includes": {"users": [{"id": "7", "username": "ada", "public_metrics": {"followers_count": 12}}]},
    "meta": {"result_count": 1},
}


@pytest.mark.parametrize("options", [(), ("--format", "x")])
def test_x_s_own_json_becomes_posts_of_x(project: Project, tmp_path: Path, options: tuple[str, ...]) -> None:
    assert imported(posts_file(tmp_path, X_ANSWER), *options) == {"read": 1, "added": 1}
    post = Post.objects.get()
    assert (post.platform, post.platform_post_id, post.text) == ("x", "2030000000000000001", "Any & all invoices")
    assert post.author is not None
    assert (post.author.handle, post.author.followers) == ("ada", 12)
    assert imported(posts_file(tmp_path, X_ANSWER), *options) == {"read": 1, "added": 0}


def test_a_file_changes_no_row_that_another_project_has(
    project: Project, other_project: Project, tmp_path: Path
) -> None:
    known = FetchedPost("x", "2030000000000000001", "truth", FetchedAuthor("7", handle="grace"), likes=3)
    store_posts(other_project, [known], query_label="all")
    metrics = {"public_metrics": {"like_count": 99_999}}
    forged = {**X_ANSWER, "data": [{**X_POST, **metrics}]}

    assert imported(posts_file(tmp_path, forged)) == {"read": 1, "added": 1}
    post = Post.objects.select_related("author").get()
    assert (post.likes, post.author and post.author.handle) == (3, "grace")

    Lead.objects.filter(project=other_project).delete()
    imported(posts_file(tmp_path, forged))
    post = Post.objects.select_related("author").get()
    assert (post.likes, post.author and post.author.handle) == (99_999, "ada")


def test_a_bad_post_of_x_is_told_with_its_place(project: Project, tmp_path: Path) -> None:
    path = posts_file(tmp_path, X_ANSWER, {"data": [{"id": "1"}]})
    with pytest.raises(CommandError, match=r"nothing was written.\nline 2, post 1 of `data`: needs a `text`"):
        imported(path)
    assert not Post.objects.exists()
