"""The service around the model: command line, HTTP API, web page, and classification of files.

Nothing here imports `training` at import time, and no torch is needed.
"""
