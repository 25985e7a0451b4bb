"""Two processes on this CPU, over gloo, started the way several GPUs would be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import yaml
from peft import AutoPeftModelForCausalLM

from tests.train.conftest import SMALL
from train.stage import stages_done


def test_two_processes_make_one_model(base, corpus_folder, tmp_path):
    file = tmp_path / "mine.yaml"
    trainer = {"max_steps": 3, "logging_steps": 1, "disable_tqdm": True}
    file.write_text(yaml.safe_dump({**SMALL, "trainer": trainer}))
    binaries = Path(sys.executable).parent
    done = subprocess.run(
        [
            *(sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2"),
            *("--standalone", "--no-python"),
            *(binaries / "tunesmith", "train", file, "--data", corpus_folder, "--model", base),
            *("--out", tmp_path / "out"),
        ],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    stages = stages_done(tmp_path / "out")
    assert [figures["steps"] for figures in stages.values()] == [3, 3]
    arguments = json.loads((tmp_path / "out" / "run.json").read_text())
    assert arguments["settings"]["trainer"] == trainer
    assert done.stdout.count("the model, its card and samples") == 1
    AutoPeftModelForCausalLM.from_pretrained(tmp_path / "out")
