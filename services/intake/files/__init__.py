"""Files as a source: CSV, XLSX, XLS and JSON lines, read row by row and brought into the shape of a report by a mapping."""
