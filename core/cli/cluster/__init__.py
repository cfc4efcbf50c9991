"""The command line's `scheduler` and `worker`: Dask's own programs, with the code and thread settings of this installation."""
