"""The models room: what a model file says, what an input may hold, and how a model page becomes a model file."""
