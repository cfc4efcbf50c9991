"""What the pages are built from: the only reusable code that imports Streamlit."""
