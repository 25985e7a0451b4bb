"""What the steps of a build share: the pipeline, where its tables lie, and how stages are run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from corpus.config import Pipeline
from corpus.publish.parquet import DatasetWriter
from corpus.run.engine import Done, Sink, Stage, run_stage
from corpus.run.output import WORK
from corpus.run.progress import Stages
from corpus.safety.rows import RowGate
from corpus.store import Store


@dataclass(frozen=True)
class Work:
    """One build. ``gate`` is the last look at its rows."""

    pipeline: Pipeline
    folder: Path
    workers: int
    stages: Stages
    gate: RowGate

    @property
    def store(self) -> Store:
        """The tables between stages."""
        return Store(self.folder / WORK / "stages")

    def writer(self, order: int) -> DatasetWriter:
        """Return the sink of published tables; ``order`` is the place of a stage's rows in them."""
        return DatasetWriter(self.folder, self.store, order)

    def run(
        self,
        stage: Stage,
        shards: int,
        sink: Sink,
        unit: str,
        *,
        total: int | None = None,
        advance: Callable[[Done], int] | None = None,
    ) -> None:
        """Run a stage over its shards. The bar counts rows of table ``unit``, or ``advance``."""
        with self.stages.stage(stage.name, total, unit) as bar:
            for done in run_stage(stage, range(shards), self.store, sink, self.workers):
                bar.advance(advance(done) if advance else done.rows[unit])
