"""The only door out of the rooms that see values: a Match goes in, a Finding that cannot hold a value comes out."""
