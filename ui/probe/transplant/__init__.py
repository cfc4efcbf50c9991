"""Transplants on the Try it page: a word's vectors from another sentence, and what they do to the answers."""
