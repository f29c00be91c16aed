"""One size of the pipeline, stage by stage, in a database of its own.

N posts are imported and walked through every stage; then the very same rows are written by the bare database
driver into an empty copy of the schema (`floor`). Fitting the bundled judge happens once on a machine and is
counted in no stage.
"""

import re
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from django.core.management import call_command

from leads.pipeline.runner import RunOptions
from leads.services.imports import check_file, import_posts
from leads.services.runs import run_now
from signalops_site.core.config.reading import read_project
from signalops_site.core.config.versions import import_project
from signalops_site.core.models import Project, Run, RunStatus

from .floor import floor_seconds
from .posts import ROOT, source, write_posts

STAGES = ("normalize", "judge", "score", "notify", "draft")
MOST_DRAFTS = 500
DEMO = Path(__file__).parent.parent / "projects" / "demo.yaml"


@dataclass(frozen=True, slots=True)
class StageResult:
    """Seconds that the product took, and that the driver took for the same rows (0: none were written)."""

    stage: str
    posts: int
    seconds: float
    floor_seconds: float


@dataclass(frozen=True, slots=True)
class PipelineResult:
    posts: int
    source: str
    stages: list[StageResult]
    peak_megabytes: float
    fitting_seconds: float


def measure_pipeline(posts: int, folder: Path) -> tuple[Project, PipelineResult]:
    """Build the database of that size and say how long each stage took."""
    call_command("migrate", verbosity=0)
    project = _project(drafts=min(MOST_DRAFTS, max(1, posts // 20)))
    file = folder / "posts.jsonl"
    write_posts(file, count=posts)
    fitting = _timed_fit()
    importing = _timed_import(project, file)
    began = time.perf_counter()
    run = run_now(project, RunOptions.parse(stages=STAGES), by="command:bench")
    running = time.perf_counter() - began
    if run.status != RunStatus.SUCCEEDED:
        raise SystemExit(f"The run {run.status}: {run.error}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    floors = floor_seconds(folder)
    stages = [StageResult("import", posts, importing, floors.get("import", 0.0)), *_stages(run, floors)]
    stages.append(StageResult("all together", posts, importing + running, sum(floors.values())))
    return project, PipelineResult(posts, source(), stages, peak, fitting)


def _project(*, drafts: int) -> Project:
    yaml = re.sub(r"top_per_run: \d+", f"top_per_run: {drafts}", DEMO.read_text(encoding="utf-8"))
    version, _ = import_project(read_project(yaml), by="command:bench", activate=True)
    return Project.objects.get(pk=version.project_id)


def _timed_fit() -> float:
    """In a process of its own, as on any later day: what fitting needs is no memory of the run's."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "benchmarks.child", "fit"], cwd=ROOT, check=True)
    return time.perf_counter() - began


def _timed_import(project: Project, file: Path) -> float:
    began = time.perf_counter()
    for _ in import_posts(project, check_file(file), by="command:bench", query_label="bench"):
        """Each batch is committed as it comes."""
    return time.perf_counter() - began


def _stages(run: Run, floors: dict[str, float]) -> list[StageResult]:
    return [
        StageResult(
            name,
            int(run.stages[name]["done"]) + int(run.stages[name]["skipped"]),
            float(run.stages[name]["seconds"]),
            floors.get(name, 0.0),
        )
        for name in STAGES
    ]
