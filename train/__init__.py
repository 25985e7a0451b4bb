"""Tunes a model on a dataset folder. Knows nothing of how the folder was made."""

import logging
import os
import warnings

# Before torch starts its threads: spinning, they cost up to five times the CPU time of the work.
_QUIET = {"OMP_WAIT_POLICY": "PASSIVE", "KMP_BLOCKTIME": "0", "TOKENIZERS_PARALLELISM": "false"}
os.environ.update({name: os.environ.get(name, value) for name, value in _QUIET.items()})
logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # it warns of what it can do without
warnings.filterwarnings("ignore", ".is_gradient_checkpointing. is deprecated")  # peft 0.21 asks
