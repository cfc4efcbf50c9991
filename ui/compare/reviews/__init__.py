"""The view of single test reviews."""
