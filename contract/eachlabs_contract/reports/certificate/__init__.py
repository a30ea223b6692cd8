"""Says what was certified: to a terminal, to a build server, to programs, and to people with a browser."""
