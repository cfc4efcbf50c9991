"""Widgets with options whose texts may change while somebody looks at them, and tables with rows to choose."""
