"""Datasets: rows and columns."""
