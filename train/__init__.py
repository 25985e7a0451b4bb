"""Tunes a model on a dataset folder. Knows nothing of how the folder was made."""

import logging
import os
import warnings

# They must be set before torch starts its threads: on a busy machine, spinning threads and the
# tokenizer's own cost up to five times the CPU time of the work itself.
for _name, _value in (
    ("OMP_WAIT_POLICY", "PASSIVE"),
    ("KMP_BLOCKTIME", "0"),
    ("TOKENIZERS_PARALLELISM", "false"),
):
    os.environ.setdefault(_name, _value)

logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # it warns of what it can do without
warnings.filterwarnings("ignore", ".is_gradient_checkpointing. is deprecated")  # peft 0.21 asks
