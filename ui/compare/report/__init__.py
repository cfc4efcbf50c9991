"""Everything the Compare page shows, as files."""
