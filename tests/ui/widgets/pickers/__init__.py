"""Tests of the pickers."""
