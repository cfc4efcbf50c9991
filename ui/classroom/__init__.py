"""Pages of a server for a class: the operator and the rules, spaces, and the wall."""
