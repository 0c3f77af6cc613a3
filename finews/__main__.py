"""`python -m finews`: the same as `finews`."""

from finews.cli import main

if __name__ == "__main__":
    main(prog_name="finews")
