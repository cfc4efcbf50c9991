"""The Probe page, called *Try it* in the menu: both models on one text, and what each word does."""
