#!/usr/bin/env bash
# Installs those of the Debian packages in the file $1 that are missing; does nothing where none is.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail

missing=()
while read -r package; do
  [ -n "$package" ] || continue
  if [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
    missing+=("$package")
  fi
done < "$1"
[ ${#missing[@]} -gt 0 ] || exit 0

echo "installing: ${missing[*]}"
as_root=()
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo > /dev/null; then
    echo "setup: run as root or install sudo; missing packages: ${missing[*]}" >&2
    exit 2
  fi
  as_root=(sudo)
fi
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
