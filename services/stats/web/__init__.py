"""The routes of stats: `figures` and `restatements` are the API, `desk` shows staff how complete the figures are."""
