"""Minimal pairs of sentences, put to trained models."""
