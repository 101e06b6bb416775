#!/usr/bin/env bash
# Brings a fresh Debian 12 machine to the point where `make run` can start, and does nothing when it is there.
#
#   deploy/prepare.sh            everything that `make run` needs
#   deploy/prepare.sh --test     also what `make test` needs
#   deploy/prepare.sh --packages only the system packages
#   deploy/prepare.sh --python   the system packages and .venv
set -euo pipefail
cd "$(dirname "$0")/.."
VAR="${VAR_DIR:-$PWD/var}"
umask 022

. deploy/lib/steps.sh
. deploy/lib/packages.sh
. deploy/lib/build.sh

finish() {
  local code=$?
  trap - EXIT INT TERM HUP
  stop_step
  restore_system
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

main() {
  local test='' until=all argument
  for argument in "$@"; do
    case "$argument" in
      --test) test=test ;;
      --packages | --python) until="${argument#--}" ;;
      *) give_up "prepare.sh" "unknown option $argument" "use --test, --packages or --python" "可用 --test、--packages、--python" ;;
    esac
  done
  # Left behind by a machine that lost power in the middle of an installation.
  restore_system
  ensure_packages "$test"
  [ "$until" != packages ] || return 0
  PYTHON="$(find_python)" || give_up "Python" "no Python 3.11 to 3.13 with venv was found" \
    "install python3 and python3-venv" "请安装 python3 与 python3-venv"
  mkdir -p "$VAR"
  trust_system_certificates
  use_own_caches_without_home
  prepare_python "$test"
  [ "$until" != python ] || return 0
  prepare_frontend
  prepare_translations
  prepare_static
}

main "$@"
