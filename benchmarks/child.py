"""One size (or `llm`), measured in this process. Its database lies in `SIGNALOPS_DATA_DIR`. Prints one JSON line.
`fit` prints nothing: it fits the bundled judge, which lies in that folder from then on.

A process of its own, so that peak memory is that size's alone. Modules are loaded by name because models can only
be imported once Django is set up.
"""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import django
from django.conf import settings
from django.utils.module_loading import import_string


def main_llm() -> None:
    django.setup()
    result = import_string("benchmarks.llm.measure_llm")(os.environ)
    sys.stdout.write(json.dumps({**asdict(result), "ideal": result.ideal}) + "\n")


def main_fit() -> None:
    django.setup()
    import_string("leads.judges.local.ensure_default_model")()


def main(posts: int, *, with_reads: bool) -> None:
    django.setup()
    project, result = import_string("benchmarks.pipeline.measure_pipeline")(posts, Path(settings.DATA_DIR))
    answer: dict[str, object] = {"pipeline": asdict(result)}
    if with_reads:
        answer["reads"] = [asdict(read) for read in import_string("benchmarks.reads.measure_reads")(project)]
        answer["socket"] = asdict(import_string("benchmarks.socket.measure_socket")(project))
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    if sys.argv[1] == "llm":
        main_llm()
    elif sys.argv[1] == "fit":
        main_fit()
    else:
        main(int(sys.argv[1]), with_reads="--reads" in sys.argv)
