"""Drives an emulator with Locust and reports what came of it: achieved against refused, latencies, money."""

__all__ = []
