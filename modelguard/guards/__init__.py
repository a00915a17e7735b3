"""Thin doors: each picks what to scan and gives the result; `commands/` opens them and writes the reports."""
