"""Numbers about finished runs, and the sentences about them."""
