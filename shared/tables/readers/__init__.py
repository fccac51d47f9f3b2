"""Readers of CSV, XLSX, XLS, SpreadsheetML and HTML: rows of cells, one after the other, from hostile files too."""
