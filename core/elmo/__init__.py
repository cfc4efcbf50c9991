"""The ELMo biLM: characters in, three layers out (Peters et al. 2018)."""
