#!/bin/sh
# How walkers.mp4 was cut. Needs Debian's opencv-doc (vtest.avi) and ffmpeg: apt-get install opencv-doc ffmpeg
set -eu
cd "$(dirname "$0")"
ffmpeg -v error -y -ss 38 -t 24 -i "${1:-/usr/share/doc/opencv-doc/examples/data/vtest.avi}" -an \
  -c:v libx264 -preset slow -crf 23 -pix_fmt yuv420p -movflags +faststart -fflags +bitexact -flags:v +bitexact walkers.mp4
sha256sum walkers.mp4
