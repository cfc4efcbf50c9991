"""The view of time and memory."""
