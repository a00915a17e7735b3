"""A folder for PYTHONPATH: what the Pythons that `modelguard run --guard-hub` starts find there when they start."""
