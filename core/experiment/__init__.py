"""What an experiment is: its config, draws, results and events."""
