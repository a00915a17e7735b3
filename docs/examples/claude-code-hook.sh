#!/bin/sh
# For Claude Code: a tool call (or a prompt) that holds a secret does not leave the machine.
# The event comes as JSON on standard input. Only exit status 2 blocks, with standard error as the reason; so whatever
# went wrong here (a leak, a gap, no modelguard at all) is a 2.
report=$(modelguard scan --stdin --stdin-name tool-call.json --quiet 2>&1) && exit 0
printf '%s\n' 'modelguard does not let this pass. Take the value from the environment or a secret store.' "$report" >&2
exit 2
