"""The biLM against activations published with the released code."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.files import ROOT

h5py = pytest.importorskip("h5py")

FIXTURES = ROOT.parent / "shared" / "fixtures"
SETS = {"elmo-allennlp": "sentences.json", "elmo-bilm-tf": "lm_embeddings_sentences.json"}

pytestmark = pytest.mark.skipif(not FIXTURES.is_dir(), reason=f"released fixtures are not at {FIXTURES}")


def _load(name: str):  # type: ignore[no-untyped-def]
    from core.elmo.options import BiLMOptions
    from core.elmo.weights import load_weights

    folder = FIXTURES / name
    return load_weights(folder / "lm_weights.hdf5", BiLMOptions.load(folder / "options.json"))


@pytest.mark.parametrize("name", SETS)
def test_top_layer_equals_the_released_activations_with_state_carried_over_ten_batches(name: str) -> None:
    import tensorflow as tf

    model = _load(name)
    sentences = json.loads((FIXTURES / name / SETS[name]).read_text())
    expected = [h5py.File(FIXTURES / name / f"lm_embeddings_{k}.hdf5") for k in range(3)]
    state = None
    for i in range(10):
        batch = [sentences[k][i].split() for k in range(3)]
        lengths = tf.constant([len(each) for each in batch])
        layers, state = model.layers(tf.ragged.constant(batch).to_tensor(""), lengths, state)
        for k, tokens in enumerate(batch):
            want = np.concatenate(np.asarray(expected[k][str(i)]), axis=-1)  # (T, 2 * projection_dim)
            np.testing.assert_allclose(layers[2][k, : len(tokens)], want, atol=1e-5)


def test_context_free_vectors_equal_the_released_ones() -> None:
    words = (FIXTURES / "elmo-allennlp" / "vocab_test.txt").read_text().split("\n")[:458]
    model = _load("elmo-allennlp")
    want = np.asarray(h5py.File(FIXTURES / "elmo-allennlp" / "elmo_token_embeddings.hdf5")["embedding"])
    plain = [i for i, word in enumerate(words) if word not in ("<S>", "</S>")]
    got = model.word_vectors([words[i] for i in plain]).numpy()
    np.testing.assert_allclose(got, want[plain], atol=1e-5)
