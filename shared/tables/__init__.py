"""Tables in files, as people and programs write them: sheets of rows, the headings above them, cells as texts and days."""
