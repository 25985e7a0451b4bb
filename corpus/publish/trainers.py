"""Writes a dataset the way other trainers read it: as JSON Lines, and what must stand beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from corpus.errors import OutputError
from corpus.publish.read import Configuration, read_splits

Row = Mapping[str, Any]


def _text(row: Row) -> Row:
    return {"text": row["text"]}


def _messages(row: Row) -> Row:
    return {"messages": [{key: m[key] for key in ("role", "content")} for m in row["messages"]]}


def _alpaca(row: Row) -> Row:
    return {key: row[key] for key in ("system", "instruction", "input", "output")}


def _sharegpt(row: Row) -> Row:
    names = {"system": "system", "user": "human", "assistant": "gpt"}
    return {
        "conversations": [
            {"from": names[m["role"]], "value": m["content"]} for m in row["messages"]
        ]
    }


_INSTRUCTIONS: Mapping[str, Callable[[Row], Row]] = {
    "alpaca": _alpaca,
    "axolotl": _messages,
    "llama-factory": _messages,
    "sharegpt": _sharegpt,
    "trl": _messages,
}


def export_data(source: str, trainer: str, out: Path) -> list[Path]:
    """Write a dataset folder (or hub dataset) for a trainer, and return the files made.

    There is one ``.jsonl`` per configuration and split: ``knowledge`` with the column ``text``, and
    ``instructions`` in the trainer's own form. Raises UsageError for what can't be read,
    OutputError for a folder that can't be written.
    """
    forms: dict[Configuration, Callable[[Row], Row]] = {
        "knowledge": _text,
        "instructions": _INSTRUCTIONS[trainer],
    }
    made = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        for configuration, form in forms.items():
            for split, table in read_splits(source, configuration).items():
                path = out / f"{configuration}-{split}.jsonl"
                with path.open("w", encoding="utf-8") as file:
                    file.writelines(json.dumps(form(r), ensure_ascii=False) + "\n" for r in table)
                made.append(path)
        beside = {"llama-factory": _dataset_info, "axolotl": _axolotl_config}.get(trainer)
        return [*made, beside(out, made)] if beside else made
    except OSError as error:
        raise OutputError(f"cannot write to {out}: {error.strerror}") from None


def _dataset_info(out: Path, files: list[Path]) -> Path:
    """Write LLaMA-Factory's list of datasets: one stands for each file."""
    tags = {"role_tag": "role", "content_tag": "content"}
    tags |= {f"{role}_tag": role for role in ("user", "assistant", "system")}
    chat = {"formatting": "sharegpt", "columns": {"messages": "messages"}, "tags": tags}
    plain: Row = {"columns": {"prompt": "text"}}
    forms = {"knowledge": plain, "instructions": chat}
    info = {
        file.stem.replace("-", "_"): {"file_name": file.name, **forms[file.stem.split("-")[0]]}
        for file in files
    }
    path = out / "dataset_info.json"
    path.write_text(json.dumps(info, indent=2) + "\n", "utf-8")
    return path


def _axolotl_config(out: Path, files: list[Path]) -> Path:
    """Write the part of an axolotl configuration that names the training files."""
    knowledge = {"ds_type": "json", "type": "completion", "field": "text"}
    chat = {"ds_type": "json", "type": "chat_template", "field_messages": "messages"}
    forms = {"knowledge": knowledge, "instructions": chat}
    datasets = [
        {"path": file.name, **forms[file.stem.split("-")[0]]}
        for file in files
        if file.stem.endswith("-train")
    ]
    path = out / "datasets.yaml"
    path.write_text(yaml.safe_dump({"datasets": datasets}, sort_keys=False), "utf-8")
    return path
