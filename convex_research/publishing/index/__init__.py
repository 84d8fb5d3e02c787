"""The index of a folder of reports, made from the records on disk."""
