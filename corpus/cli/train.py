"""The commands ``train``, ``export``, ``export-data``, ``evaluate``; torch only once they run."""

from __future__ import annotations

import argparse
import json
import os
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.cli.parser import SEVERAL, add_settings, positive
from corpus.errors import UsageError

if TYPE_CHECKING:
    from train.run import Run

_TRAINERS = ("axolotl", "llama-factory", "trl", "alpaca", "sharegpt")
_EXAMPLES = """\
examples:
  tunesmith train --data corpus-out --model Qwen/Qwen2.5-Coder-0.5B --out tuned
      both stages, with the defaults; the same command goes on after a kill
  tunesmith train --data corpus-out --model Qwen/Qwen2.5-Coder-0.5B --out tuned --dry-run
      tokens, steps, parameters and memory, without training
  tunesmith train two_stage.yaml --data team/corpus --model ./model --out tuned --stage knowledge
      settings in a file (tunesmith pipelines copy two_stage .), data from the hub, one stage
  accelerate launch --no_python tunesmith train --data corpus-out --model ./model --out tuned
      on all devices of this machine

then, in Python:
  peft.AutoPeftModelForCausalLM.from_pretrained("tuned")
"""


def add_commands(commands: Any) -> None:
    """Add the commands."""
    _add_train(commands)
    export = commands.add_parser(
        "export", help="merge what was trained into full-precision weights"
    )
    export.add_argument(
        "trained", type=Path, metavar="RUN", help="what `tunesmith train --out` made"
    )
    export.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="the folder to write the weights to"
    )
    export.set_defaults(run=_export)

    data = commands.add_parser(
        "export-data", help="write a dataset the way another trainer reads it"
    )
    data.add_argument("folder", metavar="DIR", help="a dataset folder or a hub dataset's id")
    data.add_argument(
        "--for", required=True, dest="trainer", choices=_TRAINERS, help="whose format to write"
    )
    data.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder to make")
    data.set_defaults(run=_export_data)

    evaluate = commands.add_parser("evaluate", help="measure base and trained models side by side")
    evaluate.add_argument(
        "--data", required=True, metavar="DIR_OR_HUB_ID", help="the dataset to measure on"
    )
    evaluate.add_argument(
        "--model", required=True, metavar="BASE", help="the model before it was tuned"
    )
    evaluate.add_argument(
        "--adapter",
        **SEVERAL,
        required=True,
        metavar="RUN",
        help="what `tunesmith train --out` made; a second one, of stage 2 alone, is a column too",
    )
    evaluate.add_argument("--control", metavar="DIR_OR_HUB_ID", help="a dataset of another repo")
    evaluate.add_argument("--limit", type=positive, default=200, metavar="N", help="items (200)")
    evaluate.add_argument("--json", action="store_true", help="print the figures as JSON")
    evaluate.set_defaults(run=_evaluate)


def _add_train(commands: Any) -> None:
    train = commands.add_parser(
        "train",
        help="tune a model on a dataset folder: knowledge, then behaviour",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_settings(train, "knowledge.epochs=3")
    train.add_argument(
        "--data", required=True, metavar="DIR_OR_HUB_ID", help="the dataset to train on"
    )
    train.add_argument("--model", required=True, metavar="DIR_OR_HUB_ID", help="the model to tune")
    train.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="the folder to write the tuned model to",
    )
    train.add_argument(
        "--stage",
        choices=("knowledge", "instruction", "both"),
        default="both",
        help="train only this one (both)",
    )
    train.add_argument("--dry-run", action="store_true", help="print the plan, and train nothing")
    train.add_argument(
        "--preview",
        type=positive,
        metavar="N",
        help="print N sequences of each stage, the tokens that carry loss in colour; train nothing",
    )
    train.set_defaults(run=_train)


def _start(*names: str | None) -> None:
    """Import the training libraries, and let them say only what went wrong.

    ``names`` are folders, or ids on the hub: for these it is tried once if the hub can be reached.
    """
    try:
        import torch  # noqa: F401, I001 - first: without it, transformers warns at length

        import peft  # noqa: F401
        from datasets import disable_progress_bars
        from transformers.utils import logging
    except ImportError as error:
        needed = "training needs more packages: pip install 'tunesmith[train]'"
        raise UsageError(f"{needed} ({error})") from None
    disable_progress_bars()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    if not all(name is None or Path(name).is_dir() for name in names):
        _use_the_cache_without_a_hub()


def _use_the_cache_without_a_hub() -> None:
    """Look for models in the cache alone if the hub is out of reach.

    Else huggingface_hub tries each file six times, with a line for each, before it looks there.
    """
    from huggingface_hub import constants, get_session

    if constants.HF_HUB_OFFLINE:
        return
    try:
        get_session().head(constants.ENDPOINT, timeout=10)
    except Exception:  # what it raises is of an HTTP library that differs between versions
        constants.HF_HUB_OFFLINE = True


def _train(options: argparse.Namespace) -> None:
    from corpus.pipeline_file import load_settings
    from train.config import Training

    settings = load_settings(Training, options.pipeline, options.set)
    _start(options.model, options.data)
    from train.run import Run, train

    run = Run(settings, options.data, options.model, options.out, options.stage)
    if options.dry_run:
        _print_plan(run)
    elif options.preview:
        _print_preview(run, options.preview)
    else:
        train(run)
        if os.environ.get("RANK", "0") == "0":  # of several processes, one speaks
            print(f"the model, its card and samples: {options.out}")


def _print_plan(run: Run) -> None:
    from rich.console import Console
    from rich.table import Table

    from train.run import plan

    stages = plan(run)
    table = Table("", *stages)
    for name in next(iter(stages.values())):
        table.add_row(name.replace("_", " "), *(f"{found[name]:,}" for found in stages.values()))
    Console().print(table)


def _print_preview(run: Run, count: int) -> None:
    from rich.console import Console
    from rich.text import Text

    from train.encode import NO_LOSS
    from train.models import load_encoder
    from train.stage import stage_sequences

    console, encoder = Console(), load_encoder(run.model)
    for stage in run.stages:
        for row in stage_sequences(run.data, stage, encoder, run.settings)[0][:count]:
            console.rule(stage)
            tokens = zip(row["input_ids"], row["labels"], strict=True)
            for learnt, part in groupby(tokens, key=lambda token: token[1] != NO_LOSS):
                text = encoder.tokenizer.decode([i for i, _ in part])
                console.print(Text(text, "bold green" if learnt else "dim"), end="")
            console.print()


def _export(options: argparse.Namespace) -> None:
    _start()
    from train.run import export

    export(options.trained, options.out)
    print(f"weights: {options.out}\nfor llama.cpp, in its checkout:")
    print(f"  python convert_hf_to_gguf.py {options.out} --outfile {options.out.name}.gguf")


def _export_data(options: argparse.Namespace) -> None:
    from corpus.publish.trainers import export_data

    for path in export_data(options.folder, options.trainer, options.out):
        print(path)


def _evaluate(options: argparse.Namespace) -> None:
    _start(options.model, options.data, options.control)
    from rich.console import Console
    from rich.markdown import Markdown

    from train.card import evaluation_table
    from train.evaluate import evaluate

    runs = [Path(run) for run in options.adapter]
    report = evaluate(options.data, options.model, runs, options.control, options.limit)
    if options.json:
        print(json.dumps(report))
    else:
        Console().print(Markdown(evaluation_table(report)))
