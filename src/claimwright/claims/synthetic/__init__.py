"""Synthetic sets: linked, balanced X12 files of invented people, the same for the same seed. See `sets.write_set`."""
