"""ELMo Lens without the dashboard: reviews, vectors, training, storage. Never imports Streamlit."""

__version__ = "0.2.0"  # the only place; pyproject.toml reads it
