"""Predicts queueing, refusals and cost of a workload on a virtual clock, without generating load."""

__all__ = []
