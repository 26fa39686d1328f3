"""Bounds on an uploaded file; a bound that is met is named in the message."""

from __future__ import annotations

from typing import Final

MAX_FILE_BYTES: Final = 512 * 2**20
MAX_ROWS: Final = 2_000_000
"""Rows of one file; what follows is reported as not read."""
MAX_COLUMNS: Final = 256
MAX_ROW_BYTES: Final = 4 * 2**20
"""One row of a text file, all its cells."""
MAX_SENDER_CHARS: Final = 80
"""A longer sender is cut: databases index this column."""
MAX_HEADING_CHARS: Final = 200
"""Longer names of columns are cut for display; the export has them whole."""

MAX_UNPACKED_BYTES: Final = 4 * 2**30
"""All parts of an XLSX file, unpacked."""
MAX_RATIO: Final = 250
"""Unpacked to packed size of one part of an XLSX file over `RATIO_FROM_BYTES`. Sheets that repeat
one script in every row reach about 60; a zip bomb about 1,000."""
RATIO_FROM_BYTES: Final = 16 * 2**20
MAX_PART_BYTES: Final = 64 * 2**20
"""A part of an XLSX file that is read at once: the list of sheets, the styles."""

SAMPLE_ROWS: Final = 500
"""Rows that `inspect` looks at."""
SAMPLE_BYTES: Final = 2**18
"""Bytes at each place that the encoding is told from."""
PREVIEW_ROWS: Final = 10
