"""Minimal pairs of sentences, on which trained models are tested."""
