"""How well personal data, operators and duplicates are found: labelled sets that are invented, and what is measured on them."""
