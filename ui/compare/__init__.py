"""The Compare page; each view has a room."""
