"""Open data: tables of what is public, their files in four formats, their descriptions, the signed list of their digests."""
