"""Transplants: a word's vectors out of one sentence, put into another."""
