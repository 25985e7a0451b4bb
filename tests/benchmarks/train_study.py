"""What two stages teach a small model: prints the table of an evaluation.

    python -m tests.benchmarks.train_study REPO CONTROL FOLDER [STEPS]

A model of 1.3 M parameters is trained from scratch on modules of this Python's standard library,
then tuned in both stages on a corpus of REPO, and by stage 2 alone. CONTROL is a repo or folder of
other code in the same language. STEPS (300) are those of each stage, of 2,048 tokens or less; the
base gets twice as many. Everything is made as by tunesmith's commands, the base included.
"""

from __future__ import annotations

import resource
import sys
import sysconfig
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM, set_seed

from corpus.pipeline_file import load_pipeline
from corpus.run.build import build
from train.card import evaluation_rows, table
from train.config import Training
from train.evaluate import evaluate
from train.run import Run, train

_WORDS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
_FIM = ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")


def make_corpus(repo: str, out: Path, *settings: str) -> Path:
    """Build a dataset of Python, a fifth of its files held out."""
    flags = {"repos": [{"where": repo}], "languages": ["python"]}
    shares = ("splits.test=0.2", "splits.validation=0")
    build(load_pipeline(None, [*shares, *settings], flags), out, workers=1, quiet=True)
    return out


def untrained(corpus: Path, out: Path) -> Path:
    """Write a model with random weights, and a tokenizer trained on the corpus."""
    from datasets import load_dataset

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
        vocab_size=len(fast), hidden_size=128, intermediate_size=384, num_hidden_layers=4,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=2048,
        tie_word_embeddings=True,
    )  # fmt: skip
    model = Qwen2ForCausalLM(config)
    print(f"{model.num_parameters():,} parameters", flush=True)
    model.save_pretrained(out)
    return out


def tune(data: Path, base: Path, out: Path, stage: str, steps: int, method: str = "lora") -> Path:
    """Do as ``tunesmith train``, with what so small a model needs."""
    small = {"method": method, "learning_rate": 2e-3, "batch_size": 4, "accumulation": 1}
    trainer = {"max_steps": steps, "logging_steps": 10, "disable_tqdm": True, "save_strategy": "no"}
    chosen = {
        "sequence_length": 512,
        "knowledge": {**small, "replay": 0.0 if method == "full" else 0.05},
        "instruction": {**small, "rank": 32},
        "trainer": trainer,
    }
    train(Run(Training.model_validate(chosen), str(data), str(base), out, stage))
    return out


def main() -> None:
    """Build, train, measure, and print the table."""
    repo, control, folder, *steps = sys.argv[1:]
    root, count = Path(folder), int(steps[0]) if steps else 300
    names = "['/*.py', '/asyncio/', '/email/', '/http/', '/json/', '/logging/', '/unittest/']"
    library = make_corpus(sysconfig.get_path("stdlib"), root / "library", f"files.include={names}")
    empty = untrained(library, root / "empty")
    base = tune(library, empty, root / "base", "knowledge", 2 * count, "full")
    data, other = make_corpus(repo, root / "data"), make_corpus(control, root / "control")
    both = tune(data, base, root / "both", "both", count)
    alone = tune(data, base, root / "alone", "instruction", count)
    report = evaluate(str(data), str(base), [both, alone], str(other), limit=40, answer_tokens=160)
    print(table(*evaluation_rows(report)))
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(f"{used.ru_utime + used.ru_stime:.0f} CPU seconds")


if __name__ == "__main__":
    main()
