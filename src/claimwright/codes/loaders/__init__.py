"""Loaders of the official file formats: bytes in, rows out; what is wrong with a row names the row and the fix."""
