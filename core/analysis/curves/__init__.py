"""Runs that differ in their training size: curves, and which runs belong to one."""
