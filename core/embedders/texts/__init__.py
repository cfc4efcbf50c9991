"""Whole texts → one vector each."""
