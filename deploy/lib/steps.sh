# Saying what happens: progress of long steps, and one line when one fails. Sourced by prepare.sh.

# Chinese where the locale is Chinese, English everywhere else. $1 English, $2 Chinese.
tell() {
  case "${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}" in
    zh*) printf '%s' "$2" ;;
    *) printf '%s' "$1" ;;
  esac
}

say() { printf '%s\n' "$(tell "$1" "$2")"; }

# The last words on the screen: what failed, why, what to do. $1 step, $2 cause, $3/$4 remedy en/zh.
give_up() {
  printf '%s\n' "$(tell "FAILED $1: $2. Remedy: $3" "失败 $1:$2。办法:$4")" >&2
  exit 1
}

# The line of a log that a person should read: the last one that is not the tool's small talk.
cause_in() {
  sed -e 's/\x1b\[[0-9;?]*[a-zA-Z]//g' -e 's/^[[:space:]]*//' -e 's/[[:space:].]*$//' "$1" 2>/dev/null |
    grep -v -i -E '^$|^npm (error|ERR!) (A complete log|[[:space:]]*/|Log files)|^(hint|note|W|npm notice):?|^[)}\]]+$' |
    tail -n 1 | cut -c 1-240 | grep . || printf 'no output\n'
}

# step NAME EN ZH REMEDY_EN REMEDY_ZH COMMAND…: output to var/log/NAME.log, seconds ticking on the screen.
step() {
  local name=$1 en=$2 zh=$3 remedy_en=$4 remedy_zh=$5
  shift 5
  local log="$VAR/log/$name.log" begun=$SECONDS shown=0 title
  title="$(tell "$en" "$zh")"
  mkdir -p "$VAR/log"
  printf '• %s … ' "$title"
  # A process group of its own (set -m), so that an interrupted step leaves no child behind.
  set -m
  "$@" </dev/null >"$log" 2>&1 &
  STEP_PID=$!
  set +m
  while kill -0 "$STEP_PID" 2>/dev/null; do
    sleep 0.2
    if [ -t 1 ] && [ $((SECONDS - begun)) -gt "$shown" ]; then
      shown=$((SECONDS - begun))
      printf '\r• %s … %s s ' "$title" "$shown"
    elif [ ! -t 1 ] && [ $((SECONDS - begun - shown)) -ge 5 ]; then
      shown=$((SECONDS - begun))
      printf '%s s … ' "$shown"
    fi
  done
  if wait "$STEP_PID"; then
    STEP_PID=
    if [ -t 1 ]; then printf '\r• %s … ' "$title"; fi
    printf 'ok (%s s)\n' "$((SECONDS - begun))"
    return 0
  fi
  STEP_PID=
  printf '\n'
  give_up "$title" "$(cause_in "$log")" "$remedy_en; log: $log" "$remedy_zh;日志:$log"
}

stop_step() {
  if [ -n "${STEP_PID:-}" ]; then
    kill -TERM -- "-$STEP_PID" 2>/dev/null || true
  fi
}

# stamped FILE VALUE: true when FILE holds exactly VALUE, that is, when the step may be skipped.
stamped() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

# stamp FILE VALUE: written only after the step succeeded.
stamp() { mkdir -p "$(dirname "$1")" && printf '%s' "$2" >"$1"; }

# One number for the contents and names of files listed (NUL separated) on the input.
digest() { sort -z | xargs -0 -r sha256sum -- | sha256sum | cut -c 1-32; }
