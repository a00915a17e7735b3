"""Every reader under inputs that a fuzzer makes: `make fuzz` runs them, and tests hold what it stands on."""
