"""Every statement of the schema `publisher`, each above the one function that runs it."""
