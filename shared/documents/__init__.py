"""Official documents as PDF: reports and reply letters in the format of GB/T 9704-2012, tagged for assistive software (PDF/UA).

Typst sets them in a process of their own, in the open font of a package; a bureau that has the standard's fonts names them.
"""
