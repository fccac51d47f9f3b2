"""The schema `intake`: statements and the typed functions that run them. No record of the driver leaves this package."""
