"""Notebooks: sources, outputs and metadata, as a person reads them."""
