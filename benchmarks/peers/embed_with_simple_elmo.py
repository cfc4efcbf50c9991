"""simple_elmo at work, in an environment of its own; `benchmarks/embedding.py` starts it and asks for each measurement.

python embed_with_simple_elmo.py MODEL_FOLDER TOKENS.json VECTORS.npy

Each line on the standard input is answered by the seconds that all sentences took. Before the first it writes the vectors of the
first batch, read from a state of zeros: later batches begin in the state that the one before left, as its authors wanted it.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path

import numpy as np
import tensorflow as tf
from simple_elmo import ElmoModel  # type: ignore[import-not-found,unused-ignore]

BATCH_SIZE = 32


def main() -> None:
    folder, tokens, vectors = sys.argv[1:]
    sentences = json.loads(Path(tokens).read_text(encoding="utf-8"))
    model = ElmoModel()
    model.load(folder, max_batch_size=BATCH_SIZE)
    logging.disable()
    np.save(vectors, model.get_elmo_vectors(sentences[:BATCH_SIZE], warmup=False))
    with tf.compat.v1.Session() as session:
        session.run(tf.compat.v1.global_variables_initializer())
        for _ in sys.stdin:
            began_s = time.perf_counter()
            model.get_elmo_vectors(sentences, warmup=False, session=session)
            print(time.perf_counter() - began_s, flush=True)


if __name__ == "__main__":
    main()
