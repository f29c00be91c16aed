"""Which leads of a batch are copies of leads that the project has, or of earlier ones in the batch.

The originals' fingerprints are looked up by key, in two queries a batch; the texts of the few that share a key are
read and compared. A copy leaves no fingerprint, so 50,000 copies of a text are looked up as one row. A key that
many originals share (a greeting, a form that many people fill in) finds at most MOST_PER_KEY of them, and a lead
is compared with at most MOST_COMPARED: the work grows with the number of posts, never with its square.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import chain
from operator import or_
from typing import NamedTuple

from django.db.models import Q

from signalops_site.core.bulk import insert_rows
from signalops_site.core.models import Project

from ..models import Fingerprint, Lead
from ..near_duplicates import Keys, are_near_duplicates, keys_of_all, words_of

MOST_PER_KEY = 8
MOST_COMPARED = 4

KeyOfText = tuple[str, int]
"""A key's name, and its value."""


class Text(NamedTuple):
    """A lead's text as copies are told by it."""

    lead: int
    exact: str
    words: Sequence[str]


class Originals:
    """What one batch knows of the project's originals; those of the batch itself are added as they are met."""

    def __init__(self, project: Project, texts: Sequence[Text]) -> None:
        self._project = project
        self._by_exact = _with_exact(project, {text.exact for text in texts})
        new = {text.exact: text for text in reversed(texts) if text.exact and text.exact not in self._by_exact}
        keys = [_named(of_text) for of_text in keys_of_all([text.words for text in new.values()])]
        self._keys = dict(zip(new, keys, strict=True))
        self._by_key = _with_keys(project, keys)
        self._words = _words_of({lead for exact in new for lead in self._candidates(exact)})
        self._rows: list[tuple[object, ...]] = []

    def original_of(self, text: Text) -> int | None:
        """The lead that this one repeats; None makes it an original. Asked once for each lead, in id order."""
        if not text.exact:
            return None
        if text.exact not in self._by_exact:
            similar = self._similar(text)
            if similar is None:
                self._add(text)
                return None
            self._by_exact[text.exact] = similar
        return self._by_exact[text.exact]

    def save(self) -> None:
        """Write the new originals' fingerprints, in the transaction that lets their leads pass."""
        insert_rows(Fingerprint, ("lead_id", "project_id", "exact", *Keys._fields), self._rows)

    def _similar(self, text: Text) -> int | None:
        for lead in self._candidates(text.exact):
            if lead in self._words and are_near_duplicates(text.words, self._words[lead]):
                return lead
        return None

    def _candidates(self, exact: str) -> list[int]:
        """Those that share the most keys, the earliest of them first."""
        found = [lead for key in self._keys[exact] if key in self._by_key for lead in self._by_key[key]]
        if not found:
            return []
        shared = Counter(found)
        return sorted(shared, key=lambda lead: (-shared[lead], lead))[:MOST_COMPARED]

    def _add(self, text: Text) -> None:
        open_keys = []
        for key in self._keys[text.exact]:
            leads = self._by_key.setdefault(key, [])
            if len(leads) < MOST_PER_KEY:
                leads.append(text.lead)
                open_keys.append(key)
        self._by_exact[text.exact] = text.lead
        self._words[text.lead] = text.words
        self._rows.append((text.lead, self._project.pk, text.exact, *Keys(**dict(open_keys))))


def _named(keys: Keys) -> list[KeyOfText]:
    return [(name, value) for name, value in zip(Keys._fields, keys, strict=True) if value is not None]


def _with_exact(project: Project, keys: set[str]) -> dict[str, int]:
    found = Fingerprint.objects.filter(project=project, exact__in=keys - {""})
    return dict(found.order_by("-lead").values_list("exact", "lead_id"))


def _with_keys(project: Project, keys: Iterable[Sequence[KeyOfText]]) -> dict[KeyOfText, list[int]]:
    """key -> the originals that have it, of at most MOST_PER_KEY that were stored with it."""
    wanted: defaultdict[str, set[int]] = defaultdict(set)
    for name, value in chain.from_iterable(keys):
        wanted[name].add(value)
    if not wanted:
        return {}
    found: dict[KeyOfText, list[int]] = {}
    any_of_them = reduce(or_, (Q(project=project, **{f"{name}__in": values}) for name, values in wanted.items()))
    for lead, *values in Fingerprint.objects.filter(any_of_them).values_list("lead_id", *Keys._fields):
        for name, value in _named(Keys(*values)):
            if value in wanted[name]:
                found.setdefault((name, value), []).append(lead)
    return found


def _words_of(leads: set[int]) -> dict[int, Sequence[str]]:
    texts = Lead.objects.filter(pk__in=leads).values_list("pk", "post__clean_text")
    return {pk: words_of(text) for pk, text in texts}
