"""The code that runs inside Locust's process; importing it patches sockets and threads."""
