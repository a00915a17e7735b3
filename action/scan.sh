#!/usr/bin/env bash
# Scans, and hands the exit status on: what uploads and comments comes before the job fails.
set -uo pipefail

: "${GITHUB_ACTION_PATH:?}" "${GITHUB_OUTPUT:?}"
bash "${GITHUB_ACTION_PATH}/run.sh" scan
status=$?
case "${status}" in
    0 | 1 | 2) ;;
    *) status=2 ;; # killed, or no Python
esac
echo "exit-status=${status}" >> "${GITHUB_OUTPUT}"
