"""What runs inside Locust's process, and nowhere else: importing it patches sockets and threads."""
