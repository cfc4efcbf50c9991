"""Trained heads applied to any text."""
