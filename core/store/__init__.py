"""What survives: runs, trials, learning curves and typed sentences in a database."""
