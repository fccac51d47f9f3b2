"""The routes of stats: `figures` is the API, `desk` shows staff how complete the figures are."""
