"""An unofficial offline emulator of the Eachlabs prediction API."""

__version__ = "0.1.0"
