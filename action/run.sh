#!/usr/bin/env bash
# Runs one step of the scanner. -I: neither the current folder nor PYTHONPATH says what Python imports.
set -euo pipefail

: "${GITHUB_ACTION_PATH:?}" "${MODELGUARD_BIN:?}"
cd -- "${GITHUB_ACTION_PATH}"
exec "${MODELGUARD_BIN}" -I -m modelguard action "$@"
