"""From Python: a classifier that follows scikit-learn's conventions, and a paired comparison of any two."""
