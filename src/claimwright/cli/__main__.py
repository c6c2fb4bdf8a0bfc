"""`python -m claimwright.cli`."""

from claimwright.cli import main

main()
