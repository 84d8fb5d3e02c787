"""``convex-research``, and ``python -m convex_research``."""

from convex_research.core.stopping import run


def main() -> None:
    """Entry point of ``convex-research``."""
    run(_command)


def _command() -> None:
    from convex_research.cli.main import main as command

    command()


if __name__ == "__main__":
    main()
