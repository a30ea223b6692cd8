"""Generates load on an emulator with Locust and reports throughput, refusals, latencies and cost."""

__all__ = []
