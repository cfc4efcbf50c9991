"""Tests of the Try it page."""
