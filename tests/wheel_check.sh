#!/bin/sh
# The wheel, as a user gets it: built, installed into a clean environment from the base lock, `init` and `check` run from it.
# Usage: wheel_check.sh PYTHON, a Python that has the build backend.
set -eu
python=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir "$work/dist" .
"$python" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/base.txt
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps "$work"/dist/cloud_nas-*.whl
cd "$work"
export CLOUD_NAS_HOME="$work/home"
venv/bin/cloud-nas --version
for template in $(venv/bin/cloud-nas init --list | tail -n +2 | cut -f1); do
  venv/bin/cloud-nas init "from-$template" --template "$template"
  venv/bin/cloud-nas check "from-$template/spec.yaml"
done
venv/bin/cloud-nas schema --out schema.json
venv/bin/cloud-nas completion bash >/dev/null
test -f "$(venv/bin/python -c 'import cloud_nas; print(cloud_nas.__path__[0])')/templates/report/report.html.j2"
echo "wheel: init and check work from a clean environment, and the report's page is in it"
