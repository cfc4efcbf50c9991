"""ELMo mini and the packaged GloVe, loaded once."""

from __future__ import annotations

import pytest

from core.embedders.base import Embedder
from core.settings import Settings


@pytest.fixture(scope="session")
def embedders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Embedder]:
    from core.embedders.elmo import load_elmo
    from core.embedders.static import load_static

    settings = Settings(data_dir=tmp_path_factory.mktemp("data"))
    return {
        "static": load_static("glove-6b-50d", settings),
        "elmo": load_elmo("elmo-mini", settings, layer_mix="learned", batch_size=16),
    }
