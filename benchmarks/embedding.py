"""Speed of ELMo embedding compared with the plain signature, a peer, and the limit of the processor's matrix products.

python -m benchmarks embedding [--peer-venv FOLDER] [--reviews 384] [--before 5000] [--repeats 5]

Reviews of IMDB cut to 128 tokens, on two cores, with the bundled ELMo and with one of the released small size (random weights in
the released files, converted as `python -m core convert` does). Measured in turn:

- the plain signature `tokens` on padded batches of 32 reviews as they come;
- our embedder, which knows no word of them yet;
- our embedder as in the midst of a run, with as many other reviews each time, after 5,000 that it has seen before;
- for the small size simple_elmo on the same weights, in an environment of its own that is made on the first use;
- two large products, one per core. The bound is the operations of all products that our embedder cannot do without (each token
  through the LSTMs, each different word once through the token encoder) at the rate of these.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import venv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from platformdirs import user_cache_path

from benchmarks.measure import Figure, at_least, at_most, in_turn, ratios, report, use_cores
from core.data.datasets import load_pool
from core.elmo.options import BiLMOptions
from core.settings import Settings
from core.tokens import token_texts

# AllenNLP's released "small".
SMALL = BiLMOptions(
    filters=((1, 32), (2, 32), (3, 64), (4, 128), (5, 256), (6, 512), (7, 1024)),
    char_dim=16,
    num_highway=1,
    cell_dim=1024,
    projection_dim=128,
)
MAX_TOKENS = 128
BATCH_SIZE = 32
NUM_PLAIN = 64  # reviews for the plain signature and the peer, which are slower and gain nothing from more
PRODUCT_SIZE = 2048
PEER = ("simple-elmo==0.9.2", "tf-keras", "tensorflow")

Sentences = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Measured:
    """Seconds of one model, measurement by measurement.

    Attributes:
        plain, ours, products: Of the signature, our embedder and the two large products.
        in_a_run: Of our embedder after many other reviews.
        sentence: Our embedder with one sentence of 20 tokens, known words.
        difference: Greatest one between our vectors and the signature's.
    """

    plain: list[float]
    ours: list[float]
    in_a_run: list[float]
    products: list[float]
    sentence: list[float]
    difference: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--peer-venv", type=Path, default=user_cache_path("elmo-lens") / "simple-elmo", metavar="FOLDER")
    parser.add_argument("--reviews", type=int, default=384)
    parser.add_argument("--before", type=int, default=5000, help="reviews that the embedder has seen in the midst of a run")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    use_cores(2)
    # As in worker processes: each operation on one core; here two at a time.
    os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "2"}

    pool = load_pool("imdb", Settings())
    later = np.cumsum([arguments.reviews, arguments.before, *[arguments.reviews] * (arguments.repeats + 1)])
    reviews = [token_texts(pool.texts[index], MAX_TOKENS) for index in pool.train[: later[-1]]]
    sentences, *run = [reviews[start:end] for start, end in pairwise([0, *later])]
    with tempfile.TemporaryDirectory() as folder:
        released, module = Path(folder, "released"), Path(folder, "module")
        write_small(released, module)
        bundled, _ = measure("elmo-mini", sentences, run, [])
        figures = compare("bundled", BiLMOptions.load(Path("assets/elmo-mini/options.json")), sentences, run, bundled)
        try:
            peer = Peer(arguments.peer_venv, released, sentences[:NUM_PLAIN])
        except (OSError, subprocess.CalledProcessError) as error:
            reason = (getattr(error, "stderr", "") or str(error)).strip().split("\n")[-1]
            print(f"simple_elmo is left out: its environment in {arguments.peer_venv} cannot be made or used ({reason}).\n")
            small, _ = measure(str(module), sentences, run, [])
            figures += compare("small", SMALL, sentences, run, small)
        else:
            with peer:
                small, (theirs,) = measure(str(module), sentences, run, [peer.embed])
                figures += compare("small", SMALL, sentences, run, small)
                figures += compare_with_peer(sentences, small, theirs, peer.difference(str(module)))
    report("embedding", f"ELMo's vectors of {len(sentences)} reviews cut to {MAX_TOKENS} tokens", figures)


def write_small(released: Path, module: Path) -> None:
    """Random weights of the small size in the released layout, and the module converted from them."""
    import tensorflow as tf  # noqa: PLC0415 - after `use_cores`

    from core.elmo.export import export_hub_module  # noqa: PLC0415
    from core.elmo.model import BiLM  # noqa: PLC0415
    from core.elmo.weights import load_weights, save_weights  # noqa: PLC0415

    tf.random.set_seed(0)
    released.mkdir()
    save_weights(BiLM(SMALL), released / "model.hdf5")
    (released / "options.json").write_text(json.dumps(SMALL.to_released()), encoding="utf-8")
    export_hub_module(load_weights(released / "model.hdf5", SMALL), module)


def measure(
    source: str, sentences: Sentences, run: Sequence[Sentences], others: Sequence[Callable[[], object]]
) -> tuple[Measured, list[list[float]]]:
    """Seconds of a module, and of other work measured in turn with it.

    Args:
        source: Of the module.
        sentences: What is embedded each time.
        run: What is seen before as in the midst of a run, then what is embedded there: once to warm up, once per repeat.
        others: Other work.
    """
    import tensorflow as tf  # noqa: PLC0415 - after `use_cores`

    from core.embedders.elmo import load_elmo  # noqa: PLC0415

    embedder = load_elmo(source, Settings(), batch_size=BATCH_SIZE)
    plain = embedder._module.signatures["tokens"]
    running = load_elmo(source, Settings(), batch_size=BATCH_SIZE)
    seen_before, *following = run
    running.embed(seen_before)
    repeats = len(following) - 1
    rest = iter(following)

    def embed_plainly() -> list[Any]:
        vectors: list[Any] = []
        for start in range(0, len(sentences[:NUM_PLAIN]), BATCH_SIZE):
            batch = sentences[start : min(start + BATCH_SIZE, NUM_PLAIN)]
            lengths = [len(tokens) for tokens in batch]
            padded = [[*tokens, *[""] * (max(lengths) - len(tokens))] for tokens in batch]
            outputs = plain(tokens=tf.constant(padded), sequence_len=tf.constant(lengths, tf.int32))["elmo"].numpy()
            vectors += [row[:length] for row, length in zip(outputs, lengths, strict=True)]
        return vectors

    def embed() -> list[Any]:
        embedder._words.clear()
        return embedder.embed(sentences)

    matrices = [tf.random.normal((PRODUCT_SIZE, PRODUCT_SIZE)) for _ in range(2)]
    multiply = tf.function(lambda: [tf.reduce_sum(matrix @ matrix) for matrix in matrices])
    works: dict[str, Callable[[], object]] = {
        "products": lambda: [each.numpy() for each in multiply()],
        "plain": embed_plainly,
        "ours": embed,
        "in a run": lambda: running.embed(next(rest)),
    }
    works |= {f"other {k}": other for k, other in enumerate(others)}
    seconds = in_turn(works, repeats=repeats)
    difference = max(float(np.abs(a - b).max()) for a, b in zip(embedder.embed(sentences), embed_plainly(), strict=False))

    live, sentence = embedder.with_batch_size(1), [sentences[0][:20]]
    alone = in_turn({"sentence": lambda: live.embed(sentence)}, repeats=10 * repeats)["sentence"]
    measured = Measured(seconds["plain"], seconds["ours"], seconds["in a run"], seconds["products"], alone, difference)
    return measured, [seconds[f"other {k}"] for k in range(len(others))]


def compare(name: str, options: BiLMOptions, sentences: Sentences, run: Sequence[Sentences], measured: Measured) -> list[Figure]:
    """Figures of one model."""
    num_tokens, num_plain = sum(map(len, sentences)), sum(map(len, sentences[:NUM_PLAIN]))
    plain = [num_plain / seconds for seconds in measured.plain]
    ours = [num_tokens / seconds for seconds in measured.ours]
    seen_before, _, *following = run
    in_a_run = [sum(map(len, part)) / seconds for part, seconds in zip(following, measured.in_a_run, strict=True)]
    rates = [2 * 2 * PRODUCT_SIZE**3 / seconds for seconds in measured.products]  # operations/s
    types = {word for tokens in sentences for word in tokens}
    needed = lstm_operations(options, sum(len(tokens) + 2 for tokens in sentences))
    needed += sum(word_operations(options, len(word.encode())) for word in types)
    bound = [num_tokens * rate / needed for rate in rates]
    fewer = plain_operations(options, sentences) / num_plain / (needed / num_tokens)
    return [
        Figure(f"{name}: plain signature", tuple(plain), "tokens/s"),
        Figure(f"{name}: our embedder, {len(types):,} words in {num_tokens:,} tokens", tuple(ours), "tokens/s"),
        Figure(f"{name}: bound", tuple(bound), "tokens/s"),
        at_least(4, f"{name}: ours over the plain signature", ratios(ours, plain), "x"),
        Figure(f"{name}: our embedder after {len(seen_before):,} other reviews", tuple(in_a_run), "tokens/s"),
        at_least(4, f"{name}: that over the plain signature", ratios(in_a_run, plain), "x"),
        Figure(f"{name}: ours over it, no word seen before, by operations alone", (fewer,), "x"),
        at_least(50, f"{name}: ours of the bound", [100 * ratio for ratio in ratios(ours, bound)], "%"),
        at_most(10, f"{name}: greatest difference to the plain signature", [measured.difference * 1e6], "millionths"),
        Figure(f"{name}: one sentence of 20 tokens", tuple(1000 * seconds for seconds in measured.sentence), "ms"),
    ]


def compare_with_peer(sentences: Sentences, measured: Measured, theirs: list[float], difference: float) -> list[Figure]:
    """Figures compared with simple_elmo."""
    num_tokens, num_plain = sum(map(len, sentences)), sum(map(len, sentences[:NUM_PLAIN]))
    ours = [num_tokens / seconds for seconds in measured.ours]
    peer = [num_plain / seconds for seconds in theirs]
    return [
        Figure("small: simple_elmo", tuple(peer), "tokens/s"),
        at_least(4, "small: ours over simple_elmo", ratios(ours, peer), "x"),
        Figure("small: greatest difference to simple_elmo", (difference * 1e6,), "millionths"),
    ]


def lstm_operations(options: BiLMOptions, num_steps: int) -> float:
    """Operations of the matrix products of this many time steps, all layers and both directions."""
    cell = 2 * (2 * options.projection_dim) * (4 * options.cell_dim) + 2 * options.cell_dim * options.projection_dim
    return float(num_steps * options.num_layers * 2 * cell)


def word_operations(options: BiLMOptions, num_bytes: int) -> float:
    """Operations of the token encoder for a word of this many bytes: windows over characters and marks, and one of padding."""
    length = min(num_bytes + 2, options.max_characters)
    windows = [(width, number, min(length + 1, options.max_characters - width + 1)) for width, number in options.filters]
    convolutions = sum(2 * width * options.char_dim * number * places for width, number, places in windows)
    width = options.num_filters
    return float(convolutions + options.num_highway * 2 * 2 * width**2 + 2 * width * options.projection_dim)


def plain_operations(options: BiLMOptions, sentences: Sentences) -> float:
    """Operations of the plain signature: every position of a padded batch, each as long as the longest word of the batch."""
    total = 0.0
    for start in range(0, NUM_PLAIN, BATCH_SIZE):
        batch = sentences[start : min(start + BATCH_SIZE, NUM_PLAIN)]
        time = max(map(len, batch), default=0)
        longest = max((len(word.encode()) for tokens in batch for word in tokens), default=0)
        total += lstm_operations(options, len(batch) * (time + 2)) + len(batch) * time * word_operations(options, longest)
    return total


class Peer:
    """simple_elmo in a process and an environment of its own.

    Args:
        environment: Its folder; made with pip if it is not there.
        released: Folder of the model.
        sentences: What it embeds.

    Raises:
        OSError, subprocess.CalledProcessError: The environment cannot be made or used.
    """

    def __init__(self, environment: Path, released: Path, sentences: Sentences) -> None:
        python = environment / "bin" / "python"
        if not (environment / "complete").exists():
            venv.create(environment, clear=True, with_pip=True)
            install = [str(python), "-m", "pip", "install", "--quiet", *PEER]
            subprocess.run(install, check=True, capture_output=True, text=True)
            (environment / "complete").touch()
        self._sentences, self._vectors = sentences, released / "vectors.npy"
        tokens = released / "tokens.json"
        tokens.write_text(json.dumps(sentences), encoding="utf-8")
        script = Path(__file__).parent / "peers" / "embed_with_simple_elmo.py"
        threads = {"TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"}  # its own choice
        kept = {name: value for name, value in os.environ.items() if name not in threads}
        self._process = subprocess.Popen(
            [str(python), str(script), str(released), str(tokens), str(self._vectors)],
            env={**kept, "TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            self.embed()
        except OSError:
            self._process.kill()
            raise

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def embed(self) -> float:
        """Embeds all sentences once; returns the seconds that it measured itself."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise OSError("simple_elmo ended without an answer")
        return float(answer)

    def difference(self, module: str) -> float:
        """Greatest difference between its vectors and ours over the first batch."""
        from core.embedders.elmo import load_elmo  # noqa: PLC0415 - imports TensorFlow

        ours = load_elmo(module, Settings(), batch_size=BATCH_SIZE).embed(self._sentences[:BATCH_SIZE])
        theirs = np.load(self._vectors)
        return max(float(np.abs(row[: len(vectors)] - vectors).max()) for row, vectors in zip(theirs, ours, strict=True))
