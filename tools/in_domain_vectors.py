"""Writes the static vectors of the first stage of pretraining as a text file: a control for in-domain text.

    python -m tools.in_domain_vectors [--checkpoints checkpoints/elmo-mini] [--out in-domain.vec]
    python -m core run --static in-domain.vec --arms basic

They are word2vec vectors of the very text that the bundled ELMo was trained on, and what its layer 0 was taught to spell.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from core.elmo.pretrain.corpus import Corpus


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the static vectors of the first stage of pretraining as a text file.")
    parser.add_argument("--checkpoints", type=Path, default=Path("checkpoints/elmo-mini"), help="folder of a pretraining")
    parser.add_argument("--out", type=Path, default=Path("in-domain.vec"))
    arguments = parser.parse_args()
    vocabulary = Corpus.load(arguments.checkpoints / "corpus.npz").vocabulary
    with np.load(arguments.checkpoints / "words.npz", allow_pickle=False) as file:
        vectors = file["vectors"]  # (num_words, dim), the most frequent words
    with arguments.out.open("w", encoding="utf-8") as out:
        out.write(f"{len(vectors)} {vectors.shape[1]}\n")
        for word, vector in zip(vocabulary, vectors, strict=False):
            out.write(" ".join([word, *(f"{value:.5f}" for value in vector)]) + "\n")
    print(f"{arguments.out}: {len(vectors):,} words, {vectors.shape[1]} numbers each")


if __name__ == "__main__":
    main()
