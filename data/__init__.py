"""The corpus and everything that reads it: rows, labels, splits, text normalisation.

Nothing here imports torch or transformers, so that the serving install stays small.
"""
