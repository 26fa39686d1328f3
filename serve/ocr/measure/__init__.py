"""``python -m serve.ocr.measure``: how well rendered screenshots are read, clean and disturbed."""
