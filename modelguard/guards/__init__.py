"""Thin doors that pick a source, run the pipeline, pick a report and give an exit status; none is built yet."""
