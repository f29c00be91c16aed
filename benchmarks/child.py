"""One size, measured in this process; `SIGNALOPS_DATA_DIR` says where its database lies. Prints one JSON line.

A process of its own, so that peak memory is that size's alone. Modules are loaded by name because models can only
be imported once Django is set up.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import django
from django.conf import settings
from django.utils.module_loading import import_string


def main(posts: int, *, with_reads: bool) -> None:
    django.setup()
    project, result = import_string("benchmarks.pipeline.measure_pipeline")(posts, Path(settings.DATA_DIR))
    answer: dict[str, object] = {"pipeline": asdict(result)}
    if with_reads:
        answer["reads"] = [asdict(read) for read in import_string("benchmarks.reads.measure_reads")(project)]
        answer["socket"] = asdict(import_string("benchmarks.socket.measure_socket")(project))
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), with_reads="--reads" in sys.argv)
