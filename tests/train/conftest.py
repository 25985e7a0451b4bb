"""A tiny model and tokenizer made on the spot, and a dataset built from modules of this Python."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="needs pip install 'tunesmith[train]'")
pytest.importorskip("peft", reason="needs pip install 'tunesmith[train]'")

import torch
from datasets import Dataset
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM, set_seed

import train.card
from tests.conftest import run_build
from tests.repos import FILE, make_repo
from train.config import Training
from train.run import Run
from train.run import train as train_run

torch.set_num_threads(1)
FIM = ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")
CHATML = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def make_tokenizer(*added: str, **options: str) -> PreTrainedTokenizerFast:
    """Train a byte-level BPE tokenizer; FIM tokens are added, but not special, as in Qwen's."""
    root = Path(os.__file__).parent
    texts = [(root / f"{name}.py").read_text("utf-8") for name in ("ast", "typing", "dataclasses")]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=700,
            special_tokens=["<|endoftext|>"],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    tokenizer.add_special_tokens([AddedToken(word) for word in added if word not in FIM])
    tokenizer.add_tokens([AddedToken(word) for word in added if word in FIM])
    options = {"eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>", **options}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **options)


def make_model(tokenizer: PreTrainedTokenizerFast, seed: int = 0) -> Qwen2ForCausalLM:
    set_seed(seed)
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        initializer_range=0.05,
    )
    return Qwen2ForCausalLM(config)


@pytest.fixture(scope="session", autouse=True)
def short_samples() -> None:
    """Let untrained models, which never end a turn, write a little only."""
    train.card._TOKENS = 8


@pytest.fixture(scope="session")
def tokenizer() -> PreTrainedTokenizerFast:
    return make_tokenizer("<|im_start|>", "<|im_end|>", *FIM)


@pytest.fixture(scope="session")
def base(once: Callable[..., Path], tokenizer: PreTrainedTokenizerFast) -> Path:
    """Return the folder of a model without a chat template."""

    def make(path: Path) -> None:
        make_model(tokenizer).save_pretrained(path)
        tokenizer.save_pretrained(path)

    return once("base", make)


SMALL = {
    "sequence_length": 512,
    "knowledge": {
        "batch_size": 4,
        "accumulation": 2,
        "epochs": 1.0,
        "rank": 8,
        "learning_rate": 0.005,
    },
    "instruction": {
        "batch_size": 4,
        "accumulation": 1,
        "epochs": 1.0,
        "rank": 4,
        "learning_rate": 0.005,
    },
    "trainer": {"logging_steps": 1, "save_steps": 2, "disable_tqdm": True},
}


def settings(**changed: Any) -> Training:
    """Return settings for a run of seconds; sections are laid over, key by key."""
    over = {k: {**SMALL.get(k, {}), **v} if isinstance(v, dict) else v for k, v in changed.items()}
    return Training.model_validate({**SMALL, **over})


@pytest.fixture(scope="session")
def trained(once: Callable[..., Path], base: Path, corpus_folder: Path) -> Path:
    """Return the folder of a run of both stages, joined by merging."""
    return once(
        "trained", lambda path: train_run(Run(settings(), str(corpus_folder), str(base), path))
    )


def write_dataset(folder: Path, **configurations: dict[str, list[dict[str, Any]]]) -> Path:
    """Write a dataset folder of these rows, by configuration and split."""
    head = "---\nconfigs:\n"
    for name, splits in configurations.items():
        (folder / name).mkdir(parents=True)
        head += f"- config_name: {name}\n  data_files:\n"
        for split, rows in splits.items():
            Dataset.from_list(rows).to_parquet(folder / name / f"{split}-00000-of-00001.parquet")
            head += f"  - split: {split}\n    path: {name}/{split}-*.parquet\n"
    (folder / "README.md").write_text(f"{head}---\n")
    return folder


FILES = [f"def f{n}(x):\n    return x + {n}\n" * 3 for n in range(12)]


@pytest.fixture(scope="session")
def small_corpus(once: Callable[..., Path]) -> Path:
    """Return a dataset folder of a few short rows: every stage is a handful of steps."""
    talks = [(f"What does f{n} do?", f"It adds {n}.") for n in range(12)]
    rows = [
        {
            "task": "explain",
            "messages": [
                {"role": "user", "content": question},
                {"role": "assistant", "content": answer},
            ],
        }
        for question, answer in talks
    ]
    return once(
        "small",
        lambda path: write_dataset(
            path, knowledge={"train": [{"text": t} for t in FILES]}, instructions={"train": rows}
        ),
    )


SHORT = {
    "sequence_length": 128,
    "trainer": {"logging_steps": 1, "max_steps": 2, "disable_tqdm": True},
}


def train_short(data: Path, base: Path, out: Path, stage: str = "both", **changed: Any) -> Run:
    """Train two steps of every stage."""
    made = Run(settings(**{**SHORT, **changed}), str(data), str(base), out, stage)
    train_run(made)
    return made


def logits(model: Any, ids: list[int] | None = None) -> torch.Tensor:
    """Return what a model makes of some tokens."""
    with torch.no_grad():
        found: torch.Tensor = model.eval()(torch.tensor([ids or [5, 6, 7, 8, 9, 300, 400]])).logits
    return found


@pytest.fixture(scope="session")
def corpus_folder(once: Callable[..., Path]) -> Path:
    """Return a dataset folder, built by tunesmith from a dozen modules of this Python."""

    def make(path: Path) -> None:
        root = Path(os.__file__).parent
        names = "bisect copy fnmatch heapq keyword linecache queue reprlib sched shelve stat token"
        files = {f"{n}.py".encode(): (FILE, (root / f"{n}.py").read_bytes()) for n in names.split()}
        make_repo(path, files)

    repo = once("modules", make)
    held = [
        "splits.by=path",
        "splits.validation_in=[linecache.py]",
        "splits.test_in=[fnmatch.py, sched.py, shelve.py]",
    ]
    return once("corpus", lambda path: run_build(repo, path, *held))
