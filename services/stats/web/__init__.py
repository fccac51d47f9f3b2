"""The addresses of stats: `figures` answers programs, `desk` shows staff how complete the figures are."""
