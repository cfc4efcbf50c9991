"""Challenges: pairs of texts that differ in one thing, and what a reader makes of them."""
