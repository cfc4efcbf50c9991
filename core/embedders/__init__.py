"""Sources of word vectors: static ones, ELMo, and a cache in front of either."""
