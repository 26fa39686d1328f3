"""Work on labelled rows: suspect labels, annotation, agreement, selection, leaks, learning curves.

Every command takes files of one's own (CSV or JSON Lines, under any label map) or parts of the
corpus by name: ``corpus``, ``corpus:train``, ``corpus:dev``, ``corpus:test``.
"""
