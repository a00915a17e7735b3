"""Repositories of a Hugging Face Hub as a source: listed, and read by range.

| file | promise |
| --- | --- |
| `address.py` | what a person calls a repository |
| `transport.py` | one request: bounded in time and size, retried, and the token for the endpoint alone |
| `client.py` | the Hub's documents and lists |
| `listing.py` | what a repository holds: revisions, trees, commits |
| `revisions.py` `since.py` | which commits are asked for, and which files of them; a point in time |
| `blocks.py` | a few blocks of a file, so that neighbouring reads are one request |
| `blob.py` | one file of a repository, read by range |
| `beside.py` | what the Hub shows besides files |
| `plan.py` | how many bytes will be read |
| `cached.py` | what the cache of huggingface_hub holds, where no Hub may be asked |
| `source.py` `offline.py` | all of it as items: of a Hub, of the cache |
| `choice.py` | from what a user asks for to the source |
"""
