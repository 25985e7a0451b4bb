"""Renders whole files: the rows of the configuration ``knowledge``."""

from __future__ import annotations

import pyarrow as pa

from corpus.config import Pipeline
from corpus.ids import content_id
from corpus.languages import LANGUAGES
from corpus.rejects import Rejects
from corpus.render.examples import provenance
from corpus.render.pairs import load_templates
from corpus.schemas import KNOWLEDGE, Columns


def knowledge_rows(files: pa.Table, pipeline: Pipeline, rejects: Rejects) -> pa.Table:
    """Return a row (``schemas.KNOWLEDGE``) for each file; none where nobody asks for them."""
    rows = Columns(KNOWLEDGE)
    if "knowledge" not in pipeline.tasks:
        return rows.table()
    templates = load_templates(pipeline.templates, tuple(pipeline.tasks))
    for file in files.to_pylist():
        slots = {name: file[name] for name in ("language", "path", "repo", "text")}
        slots["line_comment"] = LANGUAGES[file["language"]].line_comment
        template = templates.choose("knowledge", file["file_id"], slots)
        if template is None:
            where = file["repo"], file["path"]
            rejects.add(file["blob_id"], "no_template", *where, stage="knowledge")
            continue
        rows.add(
            example_id=content_id(file["file_id"], template.digest),
            blob_id=file["blob_id"],
            text=template.render_text(slots),
            template=template.name,
            template_digest=template.digest,
            split=file["split"],
            language=file["language"],
            license=file["license"],
            provenance=provenance(file, 1, file["lines"], "file"),
        )
    return rows.table()
