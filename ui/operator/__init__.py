"""Operator: signing in on a server for a class, and the rules that hold for everybody else."""
