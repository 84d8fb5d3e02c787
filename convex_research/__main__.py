"""``python -m convex_research``."""

from convex_research.cli.main import main

if __name__ == "__main__":
    main()
