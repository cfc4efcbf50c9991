"""The head that every arm trains on its frozen vectors."""
