"""Challenges on the Probe page: pairs of sentences that differ in one thing, put to both models of a run."""
