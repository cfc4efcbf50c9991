"""Taking deletions back: at once, from a list, or where somebody looks for what was deleted."""
