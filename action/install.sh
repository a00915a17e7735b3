#!/usr/bin/env bash
# Installs the scanner into an environment of its own, and makes the folder in which compiled rules are cached.
# Nothing of the checkout is run or read: Python is isolated (-I), and pip is started elsewhere.
set -euo pipefail

: "${GITHUB_ACTION_PATH:?}" "${GITHUB_OUTPUT:?}" "${RUNNER_TEMP:?}"
cd -- "${GITHUB_ACTION_PATH}"

python="${MODELGUARD_PYTHON:-}"
if [[ -z "${python}" ]]; then
    python="$(command -v python3 || command -v python)" || {
        echo '::error title=modelguard::There is no python3 here; give the input python-version.'
        exit 2
    }
fi

home="$(mktemp -d -- "${RUNNER_TEMP}/modelguard-XXXXXXXX")"
"${python}" -I -m venv "${home}/venv"
bin="${home}/venv/bin/python"
[[ -e "${bin}" ]] || bin="${home}/venv/Scripts/python.exe"

what="${GITHUB_ACTION_PATH}/.."
[[ -z "${MODELGUARD_VERSION:-}" ]] || what="modelguard-scanner==${MODELGUARD_VERSION}"
"${bin}" -I -m pip install --quiet --disable-pip-version-check --no-input --no-compile -- "${what}"

cache="${RUNNER_TEMP}/modelguard-cache"
mkdir -p -- "${cache}"
chmod 700 -- "${cache}"
{
    echo "python=${bin}"
    echo "cache-folder=${cache}"
} >> "${GITHUB_OUTPUT}"
