"""ELMo Lens without the dashboard: reviews, vectors, training, storage. Never imports Streamlit."""
