"""The How it works page: both models, a trial and an interval explained in pictures."""
