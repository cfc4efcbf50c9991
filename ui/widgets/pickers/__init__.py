"""Widgets with options whose texts may change while somebody looks at them, tables with rows to choose, toggles in a link."""
