"""`python -m deploy.cli` is `gongshi`."""

from deploy.cli import main

main()
