"""Where a world's records are kept: in memory, or in a SQLite file as well."""
