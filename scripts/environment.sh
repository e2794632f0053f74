# Brings what Menling needs: Debian packages, a virtual environment, the pinned Python packages.
# Sourced by demo, test and check; a second start finds everything there and takes no time.

set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top"

stop() {
    printf '%s\n' "$@" >&2
    exit 1
}

# need_debian PACKAGE...: install what is missing, or say which command does.
need_debian() {
    local missing=() package
    command -v dpkg-query >/dev/null || return 0
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    local become=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null && sudo -n true 2>/dev/null && become=(sudo -n) ||
            stop "Missing Debian packages. Run this once, then start again:" \
                "  sudo apt-get install --no-install-recommends ${missing[*]}"
    fi
    echo "Installing Debian packages: ${missing[*]}"
    "${become[@]}" apt-get -qq update >/dev/null
    "${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
        "${missing[@]}" >/dev/null ||
        stop "apt-get could not install ${missing[*]}: see the lines above."
}

# find_python: set $python to the interpreter to build the environment with (MENLING_PYTHON wins).
find_python() {
    local candidate
    for candidate in ${MENLING_PYTHON:-python3 python3.12 python3.11}; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null; then
            python=$(command -v "$candidate")
            return 0
        fi
    done
    stop "Menling needs Python 3.11 or 3.12. On Debian 12: apt-get install python3 python3-venv." \
        "With another interpreter: MENLING_PYTHON=/path/to/python3.12 scripts/demo"
}

# need_python EXTRAS: make the virtual environment hold Menling and these extras (for example "dev").
need_python() {
    local extras=$1 venv=${MENLING_VENV:-$top/.venv} stamp wanted
    find_python
    stamp="$venv/.menling-$extras"
    wanted=$( (cat pyproject.toml constraints.txt && "$python" --version && echo "$top") | sha256sum)
    if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
        "$python" -c 'import ensurepip' 2>/dev/null || need_debian python3-venv
        [ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
        echo "Installing Python packages into ${venv#"$top"/}"
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --use-pep517 \
            --constraint constraints.txt --editable ".${extras:+[$extras]}" ||
            stop "pip could not install Menling's packages: see the lines above."
        echo "$wanted" >"$stamp"
    fi
    export PATH="$venv/bin:$PATH"
}
