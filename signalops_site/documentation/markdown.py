from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BEGIN, END = "<!-- made by `make docs` -->", "<!-- end -->"


def between_marks(page: str, made: str) -> str:
    """A page that people write, with what is made from the code between its two marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{made}\n{END}{after}"


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table that ends with a line break; a cell may hold code and a bar."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |\n" for line in lines)
