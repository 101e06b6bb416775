#!/usr/bin/env bash
# Says at once that a port is taken, before anything long begins: no Python is needed for it.
set -uo pipefail
cd "$(dirname "$0")/.."
. deploy/lib/steps.sh

port=${1:-8000}
case "$port" in
  '' | *[!0-9]* | ??????*) give_up "port" "PORT=$port is not a number from 1 to 65535" "make run PORT=8080" "make run PORT=8080" ;;
esac
if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
  give_up "port" "port $port of this machine is taken" "choose another one: make run PORT=$((port + 1))" \
    "换一个端口:make run PORT=$((port + 1))"
fi
