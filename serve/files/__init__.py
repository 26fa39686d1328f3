"""Classifying files row by row, in constant memory: JSON Lines and CSV."""

from serve.files.run import FORMATS, Outcome, classify_file, format_of

__all__ = ["FORMATS", "Outcome", "classify_file", "format_of"]
