"""The dataset card beside an export: what is in it, where from, and on which terms. No text of a post."""

from collections.abc import Iterator, Mapping

from connectors.policies import policy_of

from .models import Export

KEYS = {
    "trl": "`prompt`, `chosen` and `rejected`, each a text",
    "trl-conversational": "`prompt`, `chosen` and `rejected`, each a list of messages",
    "openai-preference": "`input`, `preferred_output` and `non_preferred_output`, as OpenAI reads them",
}
SOURCES = {
    "edit": "a reviewer changed the draft: their text is preferred to the generated one",
    "reject": "a reviewer rejected the draft and wrote a better one",
    "manual": "added by hand",
}
LEFT_OUT = {
    "restricted": "of platforms whose terms forbid training",
    "gone": "whose posts are gone at their platform",
    "do_not_contact": "of authors on the do-not-contact list",
    "without_prompt": "of drafts for which no prompt is stored",
}
CAUTION = (
    "The prompts repeat posts that people wrote in public, with what the drafter was told of them: personal data. "
    "Keep the file as carefully as the database that it comes from, remove it when it has served, and remove "
    "whoever is erased from that database from copies of this file as well."
)


def card_of(export: Export, *, filename: str) -> str:
    """Markdown with a YAML head, as dataset hubs read it."""
    return "\n".join(line for part in _parts(export, filename) for line in (*part, "")).rstrip() + "\n"


def _parts(export: Export, filename: str) -> Iterator[list[str]]:
    counts = export.counts
    yield ["---", "license: other", "task_categories: [text-generation]", "tags: [dpo, preference]", "---"]
    yield [f"# Preference pairs of {export.project.slug}"]
    yield [
        f"{export.rows} pairs in `{filename}`, one JSON object a line: {KEYS[export.format]}."
        + (" `metadata` says where each comes from." if export.filters.get("include_metadata") else ""),
    ]
    yield _table(
        ("", ""),
        {
            "format": export.format,
            "made": f"{export.finished_at:%Y-%m-%d %H:%M} UTC" if export.finished_at else "",
            "pairs since": export.filters.get("since") or "the beginning",
            "bytes": export.bytes,
            "sha256": f"`{export.sha256}`",
        },
    )
    yield ["## Where the pairs come from"]
    yield _table(
        ("source", "pairs", "what it is"), {name: (n, SOURCES[name]) for name, n in counts["sources"].items()}
    )
    yield ["## Platforms and their terms"]
    yield _table(
        ("platform", "pairs", "training", "rule"),
        {name: (n, *_terms(name)) for name, n in counts["platforms"].items()},
    )
    if export.filters.get("include_restricted"):
        yield ["Pairs whose platform's terms forbid training are in it: somebody asked for them."]
    yield ["## What was left out"]
    yield _table(("why", "pairs"), dict(_left_out(counts)))
    yield ["## Caution", "", CAUTION]


def _left_out(counts: Mapping[str, Mapping[str, int]]) -> Iterator[tuple[str, int]]:
    of_which = ", ".join(f"{name}: {count}" for name, count in counts["restricted_platforms"].items())
    for reason, told in LEFT_OUT.items():
        named = f" ({of_which})" if reason == "restricted" and of_which else ""
        yield told + named, counts["left_out"].get(reason, 0)


def _terms(platform: str) -> tuple[str, str]:
    content = policy_of(platform).content
    if content is None:
        return "unknown", "nothing is recorded: read the platform's terms before you train"
    source = f" ({content.source}, read {content.read_on})" if content.source else ""
    return content.training.value, f"{content.sentence}{source}"


def _table(heads: tuple[str, ...], rows: Mapping[str, object]) -> list[str]:
    def line(cells: tuple[object, ...]) -> str:
        return f"| {' | '.join(str(cell) for cell in cells)} |"

    body = [line((name, *(value if isinstance(value, tuple) else (value,)))) for name, value in rows.items()]
    return [line(heads), line(tuple("---" for _ in heads)), *body] if body else ["None."]
