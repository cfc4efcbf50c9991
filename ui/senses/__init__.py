"""The Senses page."""
