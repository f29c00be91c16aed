"""The bundled posts on which the shipped local judge is fitted, and the fifth of them that it never sees.

`seed/products.json` maps a product's key to its name, description and signals; `seed/posts.jsonl`
holds one labelled post a line. All of it was written for this project.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from signalops_site.core.config.schema import Relevance

from .base import JudgeContext, Label

SEED_FOLDER = Path(__file__).parent / "seed"
HELD_OUT_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class SeedPost:
    id: str
    product: str
    label: Label
    kind: str
    text: str

    @property
    def held_out(self) -> bool:
        """Decided by the post's id alone, so that no later post moves an earlier one across."""
        digest = hashlib.sha256(f"held-out:{self.id}".encode()).digest()
        return int.from_bytes(digest[:8], "big") / 2**64 < HELD_OUT_SHARE


@dataclass(frozen=True, slots=True)
class SeedSet:
    contexts: Mapping[str, JudgeContext]
    posts: tuple[SeedPost, ...]
    checksum: str
    """SHA-256 over both files."""

    def training(self) -> "SeedSet":
        return SeedSet(self.contexts, tuple(post for post in self.posts if not post.held_out), self.checksum)

    def held_out(self) -> "SeedSet":
        return SeedSet(self.contexts, tuple(post for post in self.posts if post.held_out), self.checksum)


@lru_cache(maxsize=4)
def read_seed_set(folder: Path = SEED_FOLDER) -> SeedSet:
    """Both files of a seed folder; a label or product that is not known raises ValueError."""
    products, posts = (folder / "products.json").read_bytes(), (folder / "posts.jsonl").read_bytes()
    contexts = {key: _context(fields) for key, fields in json.loads(products).items()}
    rows = [_post(json.loads(line)) for line in posts.decode().splitlines() if line.strip()]
    strangers = {row.product for row in rows} - contexts.keys()
    if strangers:
        raise ValueError(f"posts.jsonl names products that products.json lacks: {sorted(strangers)}")
    return SeedSet(contexts, tuple(rows), hashlib.sha256(products + b"\0" + posts).hexdigest())


def _post(fields: Mapping[str, str]) -> SeedPost:
    return SeedPost(
        id=fields["id"],
        product=fields["product"],
        label=Label(fields["label"]),
        kind=fields["kind"],
        text=fields["text"],
    )


def _context(fields: Mapping[str, object]) -> JudgeContext:
    relevance = Relevance.model_validate(
        {
            "system_prompt": fields["description"],
            "positive_signals": fields["positive_signals"],
            "negative_signals": fields["negative_signals"],
        }
    )
    return JudgeContext(
        project_name=str(fields["name"]), description=str(fields["description"]), relevance=relevance
    )
