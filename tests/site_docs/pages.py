"""The pages that people read, and what is found in them."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        ROOT / "CHANGELOG.md",
        *sorted((ROOT / "docs").glob("*.md")),
    ]
}
"""Path from the root -> the text of every page."""


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, its text, and the code span alone in the paragraph before it, if any."""

    language: str
    text: str
    caption: str


def blocks_of(page: str) -> list[Block]:
    found = re.findall(r"(?:^`([^`\n]+)`\n\n)?^```(\w*)\n(.*?)^```$", PAGES[page], flags=re.MULTILINE | re.DOTALL)
    return [Block(language, text, caption) for caption, language, text in found]


def code_in(text: str) -> list[str]:
    """Every code span, and every line of an indented or fenced block."""
    spans = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)
    fenced = [
        line
        for block in re.findall(r"^```\w*\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
    ]
    return [*spans, *(line.strip() for line in text.splitlines() if line.startswith("    ")), *fenced]
