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


def _chosen(row: Row) -> Row:
    """Return what axolotl and LLaMA-Factory read: the request, and a message for each answer."""
    return {"messages": row["prompt"], **{key: row[key][0] for key in ("chosen", "rejected")}}


def _chosen_sharegpt(row: Row) -> Row:
    said = {key: _sharegpt({"messages": row[key]})["conversations"] for key in _PREFERENCE}
    return {"conversations": said["prompt"], **{key: said[key][0] for key in _PREFERENCE[1:]}}


def _chosen_alpaca(row: Row) -> Row:
    said = {m["role"]: m["content"] for m in row["prompt"]}
    answers = {key: row[key][0]["content"] for key in _PREFERENCE[1:]}
    return {"system": said.get("system", ""), "instruction": said["user"], "input": "", **answers}


def _preference(row: Row) -> Row:
    return {key: row[key] for key in _PREFERENCE}


_PREFERENCE = ("prompt", "chosen", "rejected")
Form = Callable[[Row], Row]
_FORMS: Mapping[str, tuple[Form, Form]] = {
    "alpaca": (_alpaca, _chosen_alpaca),
    "axolotl": (_messages, _chosen),
    "llama-factory": (_messages, _chosen),
    "sharegpt": (_sharegpt, _chosen_sharegpt),
    "trl": (_messages, _preference),
}
"""How each trainer reads ``instructions``, and how ``preferences``."""


def export_data(source: str, trainer: str, out: Path) -> list[Path]:
    """Write a dataset folder (or hub dataset) for a trainer, and return the files made.

    There is one ``.jsonl`` per configuration and split: ``knowledge`` with the column ``text``, and
    ``instructions`` and ``preferences``, where there are any, in the trainer's own form. Raises
    UsageError for what can't be read, OutputError for a folder that can't be written.
    """
    instructions, preferences = _FORMS[trainer]
    forms: dict[Configuration, Form] = {"knowledge": _text, "instructions": instructions}
    if _has_preferences(source):
        forms["preferences"] = preferences
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
        return [*made, *beside(out, made)] if beside else made
    except OSError as error:
        raise OutputError(f"cannot write to {out}: {error.strerror}") from None


def _has_preferences(source: str) -> bool:
    from datasets import get_dataset_config_names

    try:
        return "preferences" in get_dataset_config_names(source)
    except Exception:  # what can't be read is said where rows are
        return False


def _dataset_info(out: Path, files: list[Path]) -> list[Path]:
    """Write LLaMA-Factory's list of datasets: one stands for each file."""
    tags = {"role_tag": "role", "content_tag": "content"}
    tags |= {f"{role}_tag": role for role in ("user", "assistant", "system")}
    chat = {"formatting": "sharegpt", "columns": {"messages": "messages"}, "tags": tags}
    plain: Row = {"columns": {"prompt": "text"}}
    pair: Row = chat | {"ranking": True, "columns": {k: k for k in ("messages", *_PREFERENCE[1:])}}
    forms = {"knowledge": plain, "instructions": chat, "preferences": pair}
    info = {
        file.stem.replace("-", "_"): {"file_name": file.name, **forms[file.stem.split("-")[0]]}
        for file in files
    }
    path = out / "dataset_info.json"
    path.write_text(json.dumps(info, indent=2) + "\n", "utf-8")
    return [path]


def _axolotl_config(out: Path, files: list[Path]) -> list[Path]:
    """Write the part of an axolotl configuration that names the training files.

    Preferences are for ``rl: dpo``, which is a run of its own: theirs is ``preferences.yaml``.
    """
    knowledge = {"ds_type": "json", "type": "completion", "field": "text"}
    chat = {"ds_type": "json", "type": "chat_template", "field_messages": "messages"}
    pair = {"ds_type": "json", "type": "chat_template.default", "field_messages": "messages",
            "field_chosen": "chosen", "field_rejected": "rejected"}  # fmt: skip
    forms = {"knowledge": knowledge, "instructions": chat, "preferences": pair}
    named = {file.stem.split("-")[0]: file.name for file in files if file.stem.endswith("-train")}
    datasets = [{"path": name, **forms[kind]} for kind, name in named.items()]
    pairs = [datasets.pop()] if "preferences" in named else []
    made = []
    for name, listed in {"datasets.yaml": datasets, "preferences.yaml": pairs}.items():
        if listed:
            head = {"rl": "dpo"} if listed is pairs else {}
            text = yaml.safe_dump({**head, "datasets": listed}, sort_keys=False)
            (out / name).write_text(text, "utf-8")
            made.append(out / name)
    return made
