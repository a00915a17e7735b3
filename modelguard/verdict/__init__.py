"""What the project has decided: findings in, findings with a status out, and the exit status.

| file | promise |
| --- | --- |
| `inline.py` | comments that allow a finding on their line |
| `baseline.py` | findings that a file of the project accepts, in our own format |
| `imported.py` | the baselines and ignore files of other tools, read as data |
| `policy.py` | which findings block |
| `outcome.py` | the exit status |
"""
