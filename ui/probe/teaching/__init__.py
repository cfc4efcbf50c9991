"""Teaching on the Try it page: lessons, and what they have changed."""
