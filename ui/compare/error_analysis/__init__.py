"""The view of mistakes: what, how sure, and on which reviews."""
