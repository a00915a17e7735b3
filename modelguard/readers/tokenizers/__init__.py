"""Tokenizers: every entry of a vocabulary is looked at alone, so that neighbours never make a false alarm."""
