"""One word in many sentences."""
