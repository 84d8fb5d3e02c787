"""``python -m convex_research``."""

from convex_research.cli import main

if __name__ == "__main__":
    main()
