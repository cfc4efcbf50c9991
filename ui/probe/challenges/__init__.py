"""Challenges on the Probe page."""
