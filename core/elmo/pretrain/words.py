"""Stage one: static vectors of the words of the corpus, by word2vec."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.elmo.pretrain.corpus import NUM_SPECIALS, Corpus
from core.errors import UserError
from core.scratch import ScratchFolder

# Root mean square of a component: small enough for the gates to start unsaturated.
_RMS = 0.5


def train_word_vectors(
    corpus: Corpus, *, dim: int, window: int, epochs: int, min_count: int, num_threads: int, seed: int
) -> npt.NDArray[np.float32]:
    """Trains word2vec (skip-gram) on a corpus.

    Args:
        corpus: Its reviews.
        dim: Width of a vector.
        window: Words to either side that a word predicts, at most.
        epochs: Passes over the corpus.
        min_count: Words seen less often get no vector; as the vocabulary is sorted, the others come first.
        num_threads: Of gensim.
        seed: Of gensim; with several threads the result still varies.

    Returns:
        float32 (num_words, dim), the words of `corpus.vocabulary` that have a vector, scaled to one root mean square.

    Raises:
        UserError: gensim, a development requirement, is missing.

    Reference: Mikolov et al. 2013, as implemented by gensim.
    """
    try:
        from gensim.models import Word2Vec  # noqa: PLC0415 - only pretraining needs it
    except ImportError as error:
        raise UserError(
            "Pretraining needs gensim, which is missing; run pip install -r requirements-dev.txt.", code="gensim-missing"
        ) from error

    with ScratchFolder() as folder:
        text = Path(folder) / "reviews.txt"
        with text.open("w", encoding="ascii") as file:
            file.writelines(" ".join(map(str, review)) + "\n" for review in corpus.reviews())
        model = Word2Vec(
            corpus_file=str(text),
            vector_size=dim,
            sg=1,
            window=window,
            min_count=min_count,
            epochs=epochs,
            workers=num_threads,
            seed=seed,
        )
    num_words = int(np.sum(corpus.counts >= min_count))
    vectors: npt.NDArray[np.float32] = np.stack([model.wv[str(i + NUM_SPECIALS)] for i in range(num_words)])
    vectors *= _RMS / np.sqrt(np.mean(vectors**2))
    return vectors
