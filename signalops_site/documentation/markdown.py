from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table that ends with a line break; a cell may hold code and a bar."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |\n" for line in lines)
