"""The Compare page: which runs, and one module per view of them."""
