"""The GitHub Action, behind the shell: what an event is about, which commits and settings count, what is said where.

`commits` works out what is to be looked at and fetches it, `scan` looks, `comment` tells the pull request: three steps
of `action/action.yml`. Only those that talk to GitHub get a token, and the one that opens files does not.
"""
