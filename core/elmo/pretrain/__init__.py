"""Pretraining of our own ELMo in three stages: word vectors, characters, context."""
