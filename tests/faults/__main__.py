"""`python -m tests.faults [WORD ...]`: plant every fault whose name holds one of the words (all without any)."""

import argparse
import sys
from collections.abc import Sequence

from .planting import Verdict, try_fault, workshop
from .table import FAULTS, Fault


def main(words: Sequence[str]) -> int:
    faults = [fault for fault in FAULTS if not words or any(word in fault.name for word in words)]
    if not faults:
        sys.stderr.write("No fault is called so.\n")
        return 2
    with workshop() as copy:
        missed = [fault for fault in faults if not _told(try_fault(fault, copy)).caught]
    sys.stdout.write(_conclusion(faults, missed))
    return 1 if missed else 0


def _told(verdict: Verdict) -> Verdict:
    state = "caught" if verdict.caught else "MISSED"
    sys.stdout.write(f"{state}  {verdict.seconds:5.1f} s  {verdict.fault.name}\n")
    sys.stdout.write(f"{'':17}by {verdict.fault.test}\n{'':17}{verdict.said[:150]}\n")
    sys.stdout.flush()
    return verdict


def _conclusion(faults: Sequence[Fault], missed: Sequence[Fault]) -> str:
    if not missed:
        return f"Every one of {len(faults)} planted faults was caught.\n"
    return f"{len(missed)} of {len(faults)} planted faults were missed: {', '.join(f.name for f in missed)}.\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("words", nargs="*", help="part of a fault's name")
    sys.exit(main(parser.parse_args().words))
