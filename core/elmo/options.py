"""The sizes of a biLM, in the released `options.json` and in Python."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import UserError


@dataclass(frozen=True)
class BiLMOptions:
    """Sizes of a biLM.

    Attributes:
        filters: (width, number) of each character convolution.
        char_dim: Width of a character embedding.
        num_highway: Highway layers after the convolutions.
        cell_dim: Width of an LSTM memory cell.
        projection_dim: Width of one direction's output; a layer of ELMo is twice as wide.
        num_layers: LSTM layers per direction.
        cell_clip: Absolute bound of the memory cell; infinite for none.
        proj_clip: Absolute bound of the projected output; infinite for none.
        use_skip_connections: Whether layers above the first add their input to their output.
        max_characters: Ids per word, the marks of beginning and end included.

    Reference: `options.json` beside the weights released by AllenNLP and bilm-tf.
    """

    filters: tuple[tuple[int, int], ...]
    char_dim: int
    num_highway: int
    cell_dim: int
    projection_dim: int
    num_layers: int = 2
    cell_clip: float = 3.0
    proj_clip: float = 3.0
    use_skip_connections: bool = True
    max_characters: int = 50

    @property
    def num_filters(self) -> int:
        """Width of the concatenated convolutions."""
        return sum(number for _, number in self.filters)

    @property
    def widest_filter(self) -> int:
        """Characters seen by the widest convolution."""
        return max(width for width, _ in self.filters)

    def to_released(self) -> dict[str, Any]:
        """The content of a released `options.json`."""
        return {
            "lstm": {
                "dim": self.cell_dim,
                "projection_dim": self.projection_dim,
                "n_layers": self.num_layers,
                "cell_clip": self.cell_clip if math.isfinite(self.cell_clip) else None,
                "proj_clip": self.proj_clip if math.isfinite(self.proj_clip) else None,
                "use_skip_connections": self.use_skip_connections,
            },
            "char_cnn": {
                "embedding": {"dim": self.char_dim},
                "filters": [list(each) for each in self.filters],
                "n_highway": self.num_highway,
                "n_characters": 262,
                "max_characters_per_token": self.max_characters,
                "activation": "relu",
            },
        }

    @classmethod
    def from_released(cls, content: dict[str, Any]) -> BiLMOptions:
        """Reads the content of a released `options.json`.

        Raises:
            UserError: A size is missing, or the activation is not ReLU, which every released model uses.
        """
        try:
            lstm, char_cnn = content["lstm"], content["char_cnn"]
            if char_cnn["activation"] != "relu":
                raise UserError(
                    "The ELMo options name another activation than relu; only relu can be converted.",
                    code="elmo-options-activation",
                )
            return cls(
                filters=tuple((int(width), int(number)) for width, number in char_cnn["filters"]),
                char_dim=int(char_cnn["embedding"]["dim"]),
                num_highway=int(char_cnn["n_highway"]),
                cell_dim=int(lstm["dim"]),
                projection_dim=int(lstm["projection_dim"]),
                num_layers=int(lstm["n_layers"]),
                cell_clip=float(lstm.get("cell_clip") or math.inf),  # missing, null and 0 all mean that nothing is clipped
                proj_clip=float(lstm.get("proj_clip") or math.inf),
                use_skip_connections=bool(lstm["use_skip_connections"]),
                max_characters=int(char_cnn["max_characters_per_token"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(
                f"The ELMo options lack a value or have one of the wrong kind ({type(error).__name__}); use a released "
                "options.json.",
                code="elmo-options-invalid",
            ) from error

    @classmethod
    def load(cls, path: Path) -> BiLMOptions:
        """Reads a released `options.json`.

        Raises:
            UserError: The file is missing or is not such a file.
        """
        try:
            return cls.from_released(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, json.JSONDecodeError, UnicodeDecodeError) as error:
            where = f"line {error.lineno} is no JSON" if isinstance(error, json.JSONDecodeError) else type(error).__name__
            raise UserError(
                f"The ELMo options {path} cannot be read ({where}); use a released options.json.", code="elmo-options-unreadable"
            ) from error
