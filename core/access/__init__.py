"""What may be reached and by whom: addresses, downloads, what may come out of packed files."""
