"""One-off programs behind the documents: recipes, controls, pictures."""
