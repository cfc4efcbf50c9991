"""The view of learning curves."""
