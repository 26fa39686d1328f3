"""The evidence report of a case: content is built once, then rendered as PDF or DOCX.

`content.build` turns messages and what is known about them into a `document.Document`; `pdf` and
`docx` lay it out. The same input gives the same bytes.
"""
