"""What two stages teach a small model: prints the table of an evaluation.

    python -m tests.benchmarks.train_study REPO CONTROL FOLDER

A model of 4.2 M parameters is trained from scratch on modules of this Python's standard library,
then tuned in both stages on a corpus of REPO, and by stage 2 alone. CONTROL is a repo or folder of
other code in the same language. Everything is made as by tunesmith's commands, the base included,
and goes on where it was interrupted. For a machine without a GPU: two threads, rows of 450 tokens
at most, steps of 2,048 tokens or less.
"""

from __future__ import annotations

import resource
import sys
import sysconfig
from pathlib import Path
from typing import Any

import torch
from datasets import load_dataset
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM, set_seed

import train as _train  # noqa: F401 - before torch
from corpus.pipeline_file import load_pipeline
from corpus.run.build import build
from train.card import evaluation_table
from train.config import Training
from train.evaluate import evaluate
from train.run import Run, train

_LIBRARY = (
    "files.include=['/*.py','/asyncio/','/email/','/http/','/json/','/logging/','/unittest/','/xml/',"
    "'/importlib/','/concurrent/','/multiprocessing/','/distutils/','/urllib/','/collections/',"
    "'/ctypes/','/sqlite3/','/tkinter/','/wsgiref/','/html/','/curses/','/dbm/','/encodings/idna.py']"
)
_ROWS = (  # short ones, as many of each task
    "tasks=[knowledge, explain, document, implement]",
    "mix.docs_share=1",
    "mix.per_task={explain: 1500, document: 1500, implement: 1500}",
    "length.max_tokens=450",
)
_FULL = {"method": "full", "batch_size": 4, "accumulation": 1}
_WORDS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
_FIM = ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")


def make_corpus(repo: str, out: Path, *settings: str) -> Path:
    """Build a dataset of Python, some of its files held out."""
    if not out.exists():
        flags = {"repos": [{"where": repo}], "languages": ["python"]}
        shares = ("splits.test=0.05", "splits.validation=0")
        build(load_pipeline(None, [*shares, *settings], flags), out, workers=1, quiet=True)
    return out


def untrained(corpus: Path, out: Path) -> Path:
    """Write a model with random weights, and a tokenizer trained on the corpus."""
    if out.exists():
        return out
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    options = {"special_tokens": [*_WORDS], "initial_alphabet": alphabet, "show_progress": False}
    texts = load_dataset(str(corpus), "knowledge", split="train")["text"]
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=4096, **options))
    tokenizer.add_tokens([AddedToken(word) for word in _FIM])
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|endoftext|>")
    fast.save_pretrained(out)
    set_seed(0)
    config = Qwen2Config(
        vocab_size=len(fast), hidden_size=256, intermediate_size=768, num_hidden_layers=4,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=2048,
        tie_word_embeddings=True,
    )  # fmt: skip
    model = Qwen2ForCausalLM(config)
    print(f"{model.num_parameters():,} parameters", flush=True)
    model.save_pretrained(out)
    return out


def tune(data: Path, base: Path, out: Path, stage: str, steps: int, **stages: Any) -> Path:
    """Do as ``tunesmith train``, with what so small a model needs."""
    trainer = {"max_steps": steps, "logging_steps": 25, "disable_tqdm": True, "bf16": True}
    chosen = {"sequence_length": 512, "trainer": {**trainer, "save_strategy": "no"}, **stages}
    train(Run(Training.model_validate(chosen), str(data), str(base), out, stage))
    return out


def main() -> None:
    """Build, train, measure, and print the table."""
    torch.set_num_threads(2)
    repo, control, folder = sys.argv[1:]
    root = Path(folder)
    library = make_corpus(sysconfig.get_path("stdlib"), root / "library", _LIBRARY)
    data = make_corpus(repo, root / "data", *_ROWS)
    other = make_corpus(control, root / "control", "splits.test=0.5")  # nothing of it is trained on
    first = {"knowledge": {**_FULL, "learning_rate": 3e-3, "replay": 0.0}}
    empty = untrained(library, root / "empty")
    base = tune(library, empty, root / "base", "knowledge", 800, **first)
    stages = {
        "knowledge": {"learning_rate": 2e-3, "batch_size": 4, "accumulation": 1},
        "instruction": {**_FULL, "learning_rate": 1e-3},
    }
    both = tune(data, base, root / "both", "both", 400, **stages)
    alone = tune(data, base, root / "alone", "instruction", 400, **stages)
    report = evaluate(str(data), str(base), [both, alone], str(other), limit=40)
    print(evaluation_table(report))
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(f"{used.ru_utime + used.ru_stime:.0f} CPU seconds")


if __name__ == "__main__":
    main()
