"""Notebooks: sources, outputs and metadata, as a person reads them.

| file | promise |
| --- | --- |
| `notebook.py` | what the text of a Jupyter notebook does not show as it stands |
| `hidden.py` | texts whose words colour codes or tags cut in two |
| `tables.py` | cells of tables beside their headers |
| `places.py` | the cell, what of it, and the line, as names of places |
| `pictures.py` | pictures and documents in base64 |
| `attachments.py` | files attached to cells |
"""
