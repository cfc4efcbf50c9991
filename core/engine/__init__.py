"""Runs on Dask workers, on this machine or on a cluster."""
