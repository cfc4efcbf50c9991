"""The Senses page: one word in many sentences."""
