"""The view of models that were trained elsewhere, by a table of what each said."""
