"""HTTP: the Flask application, the fast lane in front of it, and what surrounds every call."""
