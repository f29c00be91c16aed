"""Posts to measure with: any number, always the same, and hardly two alike: copies would be filtered out.

Each is put together from sentences of many real posts where `../shared/corpora` is there, and of the bundled ones
where it is not, and is about as long as one of them; the output says which. Four of five have an author, with
facts.
"""

import json
import random
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "corpora" / "business_posts.jsonl"
BUNDLED = (ROOT / "connectors/platforms/sample_posts.jsonl", ROOT / "leads/judges/seed/posts.jsonl")
NEWEST = datetime(2026, 1, 31, 12, tzinfo=UTC)
MAX_CHARACTERS = 600
MAX_SENTENCE = 200
MIN_SENTENCES = 3
AUTHORS_PER_POST = 0.4
SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")


def source() -> str:
    """Where the sentences come from, for the report."""
    return "real posts" if CORPUS.exists() else "the bundled posts"


def write_posts(path: Path, *, count: int) -> None:
    """A JSON lines file of that many posts, newest first."""
    with path.open("w", encoding="utf-8") as file:
        for post in make_posts(count):
            file.write(json.dumps(post, ensure_ascii=False) + "\n")


def make_posts(count: int) -> Iterator[dict[str, Any]]:
    texts = _texts()
    sentences = [sentence for text in texts for sentence in text]
    lengths = [min(MAX_CHARACTERS, sum(map(len, text))) for text in texts]
    chance = random.Random(42)  # noqa: S311 - the same posts in each run
    for number in range(count):
        text = f"{_mixed(sentences, length=chance.choice(lengths), chance=chance)} (seen {number})"
        post: dict[str, Any] = {
            "id": f"bench-{count}-{number}",
            "text": text[-MAX_CHARACTERS:],
            "created_at": (NEWEST - timedelta(seconds=7 * number)).isoformat(),
            "score": chance.randrange(200),
            "num_comments": chance.randrange(40),
        }
        if chance.random() < 0.8:
            post["author"] = _author(chance.randrange(max(1, int(count * AUTHORS_PER_POST))))
        yield post


def _author(number: int) -> dict[str, Any]:
    return {
        "id": f"author-{number}",
        "handle": f"person{number}",
        "name": f"Person {number}",
        "bio": "Runs a small firm and writes about it.",
        "followers": 50 + number * 37 % 20_000,
        "verified": number % 9 == 0,
        "created_at": (NEWEST - timedelta(days=number % 4000)).isoformat(),
    }


def _texts() -> list[list[str]]:
    """The sentences of each post."""
    files = (CORPUS,) if CORPUS.exists() else BUNDLED
    lines = (line for file in files for line in file.read_text(encoding="utf-8").split("\n") if line)
    records = (json.loads(line) for line in lines)
    texts = (f"{record.get('title', '')}. {record['text']}" for record in records)
    split = ([sentence.strip() for sentence in SENTENCE.findall(text[: 2 * MAX_CHARACTERS])] for text in texts)
    return [sentences for text in split if (sentences := [sentence for sentence in text if sentence])]


def _mixed(sentences: Sequence[str], *, length: int, chance: random.Random) -> str:
    chosen: list[str] = []
    while len(chosen) < MIN_SENTENCES or sum(map(len, chosen)) < length:
        chosen.append(chance.choice(sentences)[:MAX_SENTENCE])
    return " ".join(chosen)
