"""Where the gain comes from: the way from basic to ELMo in steps."""
