"""The Senses page: one word in many sentences, and its vectors in each layer."""
