"""Renders pairs into rows, and refuses those that must not be published."""

from __future__ import annotations

from functools import cache

from corpus.config import CHARACTERS_PER_TOKEN, NOT_OF_ROWS, Pipeline
from corpus.fingerprint import fingerprint, of_folder
from corpus.ids import content_id
from corpus.rejects import Rejects
from corpus.render.examples import Examples, Preferences
from corpus.render.leak import gives_away
from corpus.render.shape import violation
from corpus.render.templates import KNOWLEDGE_SLOTS, Rendered, Template, Templates
from corpus.safety.rows import RowGate
from corpus.shipped import shipped
from corpus.tasks.base import Pair, S, Subject, Task
from corpus.tasks.registry import TASKS


@cache
def load_templates(folder: str | None, tasks: tuple[str, ...]) -> Templates:
    """Load the templates of some tasks, once per process."""
    slots = {name: TASKS[name].slots for name in tasks if name in TASKS}
    if "knowledge" in tasks:
        slots["knowledge"] = KNOWLEDGE_SLOTS
    return Templates(folder, slots)


def compose_fingerprint(pipeline: Pipeline, gate: RowGate) -> str:
    """Return a hash of all that rows hang on besides what they are made of."""
    elsewhere = {"repos", "languages", "files", "templates", "dedup", "splits", "mix", "safety"}
    settings = pipeline.model_dump(exclude=elsewhere | NOT_OF_ROWS)
    folders = [of_folder(shipped("templates")), of_folder(pipeline.templates)]
    return fingerprint(settings, folders, gate.scrubber.fingerprint, gate.forgotten.fingerprint)


class PairRenderer:
    """Renders the pairs of one shard; what it refuses goes to ``rejects`` under the task's name."""

    def __init__(self, pipeline: Pipeline, gate: RowGate, rejects: Rejects) -> None:
        self._gate = gate
        self._templates = load_templates(pipeline.templates, tuple(pipeline.tasks))
        self._max_characters = pipeline.length.max_tokens * CHARACTERS_PER_TOKEN
        self._output_tokens = pipeline.length.max_output_tokens
        self._rejects = rejects
        self.examples = Examples()
        self.preferences = Preferences()

    def add(self, task: Task[S], subject: S) -> None:
        """Add the row that a task makes of a subject, if it makes one. Raises TemplateError."""
        pair = task.make(subject)
        if pair is None:
            return
        pair_id = content_id(task.name, subject.id)
        template = self._templates.choose(task.name, pair_id, pair.slots)
        if template is None:
            reject(self._rejects, subject, "no_template", task.name)
            return
        rendered = template.render(pair.slots)
        worse = template.render({**pair.slots, **pair.rejected}) if pair.rejected else None
        fault = (
            self._fault(rendered, pair)
            or (worse and _no_choice(rendered, worse))
            or self._over_budget(rendered, task.name)
            or _off_format(rendered, template)
            or self._gate.fault(subject.row, pair.unscanned)
        )
        if fault:
            reject(self._rejects, subject, fault, task.name)
        elif worse:
            self.preferences.add(
                subject.source, subject.row, pair, pair_id, template, rendered, worse
            )
        else:
            self.examples.add(
                task.name, subject.source, subject.row, pair, pair_id, template, rendered
            )

    def _fault(self, rendered: Rendered, pair: Pair) -> str | None:
        if not rendered.output.strip():
            return "empty_output"
        if sum(map(len, rendered)) > self._max_characters:
            return "too_long"
        if gives_away(rendered, pair.answers):
            return "answer_in_prompt"
        return None

    def _over_budget(self, rendered: Rendered, task: str) -> str | None:
        budget = self._output_tokens.get(task)
        if budget and len(rendered.output) > budget * CHARACTERS_PER_TOKEN:
            return "output_too_long"
        return None


def _no_choice(better: Rendered, worse: Rendered) -> str | None:
    """Return why two answers are none to choose from: a prompt each, or the same one twice."""
    if better[:-1] != worse[:-1]:
        return "two_prompts"
    return "same_answers" if better.output.split() == worse.output.split() else None


def _off_format(rendered: Rendered, template: Template) -> str | None:
    return "off_format" if violation(rendered.output, template.shape) else None


def reject(rejects: Rejects, subject: Subject, reason: str, stage: str) -> None:
    """Record why a subject is left out."""
    row = subject.row
    rejects.add(subject.id, reason, row["repo"], row["path"], line=row["start_line"], stage=stage)
