"""Screenshots: an image in, its messages as text in reading order out. Needs the extra [ocr]."""
