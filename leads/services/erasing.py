"""Leads' part of erasing a person: the author, the posts, and everything that was made of them."""

from collections import Counter
from collections.abc import Iterator

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet

from connectors.file_ids import own_id
from experiments.results import forget_subjects
from signalops_site.core.erasing import ErasureRequest, forget_in_events
from signalops_site.core.models import Project

from .. import search
from ..identities import Identity, IdentityKind, plain_handle, require_platform
from ..judges.ab_test import subject_of
from ..models import Author, Delivery, Draft, Interaction, Lead, Outcome, Post
from ..sending.authors import digests_of_person
from .answers import forget_answers
from .copies import release_copies
from .suppressions import suppress_erased


def authors_named(request: ErasureRequest) -> QuerySet[Author]:
    """The rows of that person. A handle may have several: platforms give freed ones away again."""
    authors = Author.objects.filter(platform=request.platform)
    if request.platform_user_id:
        authors = authors.filter(platform_user_id__in=_ids_of(request.platform_user_id))
    if request.handle:
        authors = authors.filter(handle__iexact=request.handle)
    return authors


def _ids_of(identity: str) -> list[str]:
    """An id as it is stored: a file's has another form in each project."""
    slugs = Project.objects.values_list("slug", flat=True)
    return [identity, *(own_id(slug, identity) for slug in slugs)]


def erase_author(request: ErasureRequest) -> dict[str, int]:
    """Rows removed, by table. Leads go with their posts; judgments, scores, drafts and decisions with leads.

    Copies that other people posted stay, and wait for a run that finds their new original. The person is on the
    do-not-contact list from now on, without a name, and nothing is collected of them again.
    """
    authors = list(authors_named(request))
    if not authors:
        require_platform(request.platform)  # a misspelt one would be certified
    author_ids = [author.pk for author in authors]
    posts = Post.objects.filter(author_id__in=author_ids)
    post_ids = list(posts.values_list("pk", flat=True))
    lead_ids = list(Lead.objects.filter(post_id__in=post_ids).values_list("pk", flat=True))
    draft_ids = list(Draft.objects.filter(lead_id__in=lead_ids).values_list("pk", flat=True))
    counts = Counter({"core.RunEvent": forget_in_events(lead_ids=lead_ids, draft_ids=draft_ids)})
    counts["admin.LogEntry"] = forget_in_admin(Author, author_ids) + forget_in_admin(Post, post_ids)
    counts["core.LlmCall"] = forget_answers(lead_ids)
    release_copies(lead_ids)
    _forget_in_deliveries(draft_ids)
    counts.update(_forget_in_outcomes(request, authors))
    counts.update(posts.delete()[1])
    # Once the leads are gone: no run can add results to them then.
    counts["experiments.AbResult"] = forget_subjects([subject_of(pk) for pk in lead_ids])
    if lead_ids:
        search.forget_words()
    counts.update(Author.objects.filter(pk__in=author_ids).delete()[1])
    suppress_erased(authors, list(_names_in(request)))
    return dict(counts)


def _names_in(request: ErasureRequest) -> Iterator[Identity]:
    """As they were asked for: whoever is not known here yet is kept from coming, too."""
    if request.handle:
        yield Identity(IdentityKind.HANDLE, request.platform, plain_handle(request.handle))
    if request.platform_user_id:
        for identity in _ids_of(request.platform_user_id):
            yield Identity(IdentityKind.ACCOUNT, request.platform, identity)


def _forget_in_deliveries(draft_ids: list[int]) -> None:
    """That something left at a time stays, so that caps hold; to whom, and where it is, goes."""
    nothing = {"author_digest": "", "platform_post_id": "", "url": "", "error": "", "override_reason": ""}
    Delivery.objects.filter(draft__in=draft_ids).update(**nothing)


def _forget_in_outcomes(request: ErasureRequest, authors: list[Author]) -> dict[str, int]:
    """What came of others' drafts from this person, and that they spoke to our accounts."""
    ids = {author.platform_user_id for author in authors} | {request.platform_user_id} - {""}
    digests = [digest for id_ in ids for digest in digests_of_person(request.platform, id_)]
    removed = Counter(Outcome.objects.filter(author_digest__in=digests).delete()[1])
    removed.update(Interaction.objects.filter(author_digest__in=digests).delete()[1])
    return dict(removed)


def forget_in_admin(model: type[Model], ids: list[int]) -> int:
    """The admin's history names each row that it changed."""
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(model), object_id__in=[str(id_) for id_ in ids]
    )
    return entries.delete()[0]
