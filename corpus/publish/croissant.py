"""Croissant metadata, by which data sets are found and loaded: https://docs.mlcommons.org/croissant.

Version 1.0 of the vocabulary, as the hub writes it too: a file set per configuration, and a record
set with the columns that are plain values.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from corpus.publish.sections import SCHEMAS
from corpus.report.summary import UNKNOWN_LICENSE, Summary

CROISSANT = "croissant.json"

_CONTEXT = {
    "@language": "en", "@vocab": "https://schema.org/", "citeAs": "cr:citeAs",
    "column": "cr:column", "conformsTo": "dct:conformsTo", "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"}, "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract", "field": "cr:field", "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject", "fileSet": "cr:fileSet", "format": "cr:format",
    "includes": "cr:includes", "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath",
    "equivalentProperty": "cr:equivalentProperty", "samplingRate": "cr:samplingRate",
    "key": "cr:key", "md5": "cr:md5", "parentField": "cr:parentField", "path": "cr:path",
    "recordSet": "cr:recordSet", "references": "cr:references", "regex": "cr:regex",
    "repeated": "cr:repeated", "replace": "cr:replace", "sc": "https://schema.org/",
    "separator": "cr:separator", "source": "cr:source", "subField": "cr:subField",
    "transform": "cr:transform",
}  # fmt: skip
_TYPES = ((pa.types.is_string, "sc:Text"), (pa.types.is_integer, "sc:Integer"),
          (pa.types.is_boolean, "sc:Boolean"), (pa.types.is_floating, "sc:Float"))  # fmt: skip


def write_croissant(folder: Path, name: str, summary: Summary) -> None:
    """Write ``croissant.json`` into a dataset folder whose Parquet files are there."""
    licenses = [license_ for license_ in summary.licenses if license_ != UNKNOWN_LICENSE]
    origins = ", ".join(repo.name for repo in summary.repos)
    data: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "".join(c if c.isalnum() or c in "._-" else "-" for c in name),
        "description": f"A corpus for tuning a code model, mined by tunesmith from {origins}.",
        "license": licenses or [UNKNOWN_LICENSE],
        "distribution": [_root(), *map(_files, summary.rows)],
        "recordSet": [_records(configuration) for configuration in summary.rows],
    }
    text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    (folder / CROISSANT).write_text(text, "utf-8")


def _root() -> Mapping[str, Any]:
    # The folder itself, wherever it lies; the specification wants a digest, which it can't have.
    return {
        "@type": "cr:FileObject", "@id": "repo", "name": "repo", "contentUrl": ".",
        "encodingFormat": "git+https", "sha256": "https://github.com/mlcommons/croissant/issues/80",
    }  # fmt: skip


def _files(configuration: str) -> Mapping[str, Any]:
    return {
        "@type": "cr:FileSet", "@id": f"{configuration}-files", "containedIn": {"@id": "repo"},
        "encodingFormat": "application/x-parquet", "includes": f"{configuration}/*.parquet",
    }  # fmt: skip


def _records(configuration: str) -> Mapping[str, Any]:
    fields = []
    for field in SCHEMAS[configuration]:
        kind = next((name for is_one, name in _TYPES if is_one(field.type)), None)
        if kind is not None:
            fields.append({
                "@type": "cr:Field", "@id": f"{configuration}/{field.name}", "name": field.name,
                "dataType": kind,
                "source": {
                    "fileSet": {"@id": f"{configuration}-files"},
                    "extract": {"column": field.name},
                },
            })  # fmt: skip
    return {"@type": "cr:RecordSet", "@id": configuration, "name": configuration, "field": fields}
