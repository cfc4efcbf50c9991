"""Tiny modules of whole texts in both formats of TF-Hub, with the outputs of those that are published."""

from __future__ import annotations

from pathlib import Path

DIM = 16


def write_tf2_module(folder: Path) -> Path:
    """A SavedModel that can be called with texts, as nnlm-en-dim128 in format TF2: hashed words, averaged."""
    import tensorflow as tf

    class Module(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table = tf.Variable(tf.random.stateless_normal((1000, DIM), seed=(1, 2)))

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
        def __call__(self, texts: tf.Tensor) -> tf.Tensor:
            words = tf.strings.to_hash_bucket_fast(tf.strings.split(texts), 1000)  # ragged (N, None)
            return tf.reduce_mean(tf.gather(self.table, words), axis=1)

    tf.saved_model.save(Module(), str(folder))
    return folder


def write_tf1_module(folder: Path) -> Path:
    """A module in TF1-Hub format with a signature `default` of texts, as universal-sentence-encoder/2."""
    import numpy as np
    import tensorflow as tf

    values = np.random.default_rng(0).normal(size=(1000, DIM)).astype(np.float32)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        texts = tf.compat.v1.placeholder(tf.string, [None], "text")
        table = tf.compat.v1.get_variable("table", initializer=values)
        rows = tf.strings.to_hash_bucket_fast(tf.strings.split(texts).to_tensor(""), 1000)
        vectors = tf.reduce_mean(tf.gather(table, rows), axis=1)
        session.run(tf.compat.v1.global_variables_initializer())
        signature = tf.compat.v1.saved_model.predict_signature_def({"text": texts}, {"default": vectors})
        builder = tf.compat.v1.saved_model.Builder(str(folder))
        builder.add_meta_graph_and_variables(session, tags=[], signature_def_map={"default": signature})
        builder.save()
    (folder / "tfhub_module.pb").write_bytes(bytes([0x08, 0x03]))  # ModuleDef { format: FORMAT_V3 }
    return folder


def write_module_with_foreign_op(folder: Path) -> Path:
    """A module whose graph names an operation that TensorFlow does not have, as those that need tensorflow-text do."""
    write_tf2_module(folder)
    path = folder / "saved_model.pb"
    path.write_bytes(path.read_bytes().replace(b"StringToHashBucketFast", b"SentencepieceOpXXXXXXX"))
    return folder


def write_module_of_lengths(folder: Path) -> Path:
    """A module that makes a whole number of each text, and no vector."""
    import tensorflow as tf

    class Module(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
        def __call__(self, texts: tf.Tensor) -> tf.Tensor:
            return tf.strings.length(texts)

    tf.saved_model.save(Module(), str(folder))
    return folder
