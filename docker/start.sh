#!/bin/sh
# Starts the application with what was handed in as secrets: the address of the log, unless one was set for this call,
# and the keys that all nodes share.
set -eu
for key in log-key.pem token-key.pem; do
  if [ -f "/run/secrets/$key" ]; then
    (umask 077; cat "/run/secrets/$key" > "$YICHI_DATA/$key.new"; mv "$YICHI_DATA/$key.new" "$YICHI_DATA/$key")
  fi
done
if [ -z "${YICHI_EVENT_LOG:-}" ] && [ -f /run/secrets/event-log ]; then
  YICHI_EVENT_LOG="$(cat /run/secrets/event-log)"
  export YICHI_EVENT_LOG
fi
exec "$@"
