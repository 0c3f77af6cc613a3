#!/bin/sh
# Make the environment: sh setup.sh .venv
# Uses pip, not uv, because only pip knows a machine's own index settings (mirrors in pip.conf).
set -eu
target=$1

suitable() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

python=
for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    if suitable "$name"; then python=$name; break; fi
done
if [ -z "$python" ]; then
    echo "finews needs Python 3.11 or newer; none was found (set PYTHON=/path/to/python3)." >&2
    exit 1
fi

echo "Setting up $target with $("$python" --version) (once; takes a minute) ..."
if ! "$python" -m venv --clear "$target" >/dev/null 2>&1; then
    # Debian and Ubuntu ship Python without ensurepip; the system's pip can fill the environment.
    if ! { "$python" -m venv --clear --without-pip "$target" &&
        "$python" -m pip --python "$target/bin/python" install --quiet pip; }; then
        echo "Could not make a virtual environment: on Debian/Ubuntu run" >&2
        echo "    sudo apt install python3-venv" >&2
        exit 1
    fi
fi
# The pip of older systems cannot resolve some packages.
"$target/bin/python" -m pip install -qq --disable-pip-version-check --upgrade pip
"$target/bin/python" -m pip install -qq --disable-pip-version-check \
    --require-hashes --requirement requirements-dev.lock
"$target/bin/python" -m pip install -qq --disable-pip-version-check \
    --no-deps --no-build-isolation --editable .
touch "$target/.ready"
