"""`make bench`: how fast this machine runs the product, beside the floor that the machine itself sets.

    make bench                          1,000, 10,000 and 100,000 posts; pages and socket at the largest
    make bench SIZES=1000,10000         other sizes
    make bench SIZES=llm                judging by a model of a provider alone

Times are of this machine at this moment: the ratios are what can be compared. Nothing is stored. With
`DATABASE_URL` the same is measured on an empty PostgreSQL database, without the floor.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
SIZES = (1_000, 10_000, 100_000)
console = Console(width=100)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="posts, separated by commas")
    asked = parser.parse_args().sizes.split(",")
    sizes = sorted(int(size.replace("_", "")) for size in asked if size != "llm")
    for size in sizes:
        answer = _measure(str(size), *(["--reads"] if size == sizes[-1] else []))
        _print_pipeline(answer["pipeline"])
        if "reads" in answer:
            _print_reads(answer["reads"], size)
            _print_socket(answer["socket"])
    _print_llm(_measure("llm"))


def _measure(*what: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="signalops-bench-") as folder:
        environment = {
            **os.environ,
            "SIGNALOPS_DATA_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "signalops_site.settings",
            "LOG_LEVEL": "WARNING",
        }
        command = [sys.executable, "-m", "benchmarks.child", *what]
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=False)  # noqa: S603
    if done.returncode:
        raise SystemExit(f"The benchmark {what[0]} ended with code {done.returncode}; see above.")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _print_pipeline(result: dict[str, Any]) -> None:
    table = Table(title=f"{result['posts']:,} posts ({result['source']}), one process", title_justify="left")
    for name in ("stage", "posts", "seconds", "posts/s", "floor, s", "times the floor"):
        table.add_column(name, justify="left" if name == "stage" else "right")
    for stage in result["stages"]:
        seconds, floor = stage["seconds"], stage["floor_seconds"]
        rate = f"{stage['posts'] / seconds:,.0f}" if seconds else ""
        ratio = f"{seconds / floor:.1f}" if floor else ""
        table.add_row(stage["stage"], f"{stage['posts']:,}", f"{seconds:.2f}", rate, f"{floor:.3f}", ratio)
    console.print(table)
    console.print(
        f"Peak memory {result['peak_megabytes']:.0f} MB. Fitting the bundled judge, once on a machine:"
        f" {result['fitting_seconds']:.1f} s.\n"
    )


def _print_reads(reads: list[dict[str, Any]], size: int) -> None:
    table = Table(title=f"Pages with {size:,} leads, server time", title_justify="left")
    for name in ("page", "ms", "queries", "rows"):
        table.add_column(name, justify="left" if name == "page" else "right")
    for read in reads:
        table.add_row(read["page"], f"{read['milliseconds']:.1f}", str(read["queries"]), str(read["rows"]))
    console.print(table)


def _print_socket(result: dict[str, Any]) -> None:
    how = "woken by Redis" if result["with_redis"] else "polling"
    console.print(
        f"\nSocket, {how}: {result['events']} events, median {result['median_milliseconds']:.0f} ms,"
        f" 95 % within {result['p95_milliseconds']:.0f} ms from commit to arrival.\n"
    )


def _print_llm(result: dict[str, Any]) -> None:
    how = f"a provider that takes {result['latency']:g} s, {result['concurrency']} calls at once"
    title = f"{result['posts']:,} posts, {how}"
    table = Table(title=title, title_justify="left")
    for name in ("", "posts/s", "of the ideal"):
        table.add_column(name, justify="right" if name else "left")
    for name, rate in (("ideal", "ideal"), ("measured", "rate"), ("one after the other", "rate_one_by_one")):
        table.add_row(name, f"{result[rate]:.1f}", f"{result[rate] / result['ideal']:.0%}")
    console.print(table)
    tokens = ", ".join(f"{count}: {each}" for count, each in result["tokens_a_post"].items())
    console.print(
        f"It took {result['cpu_milliseconds']:.1f} ms of this process's processor a post. Tokens of the prompt for"
        f" each short post, by how many share a call (about): {tokens}.\n"
    )


if __name__ == "__main__":
    main()
