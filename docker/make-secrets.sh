#!/bin/sh
# Makes what must never stand in a file under version control: passwords and keys, once. What is there stays as it is:
# the keys of a ledger that moves in are put here before.
#   docker/make-secrets.sh [folder]
set -eu
cd "${1:-$(dirname "$0")/secrets}"
chmod 700 .
# The containers run as users of their own and must read the files; the folder keeps everybody else out.
umask 222

password() { [ -f "$1" ] || openssl rand -hex 24 > "$1"; }
key() { [ -f "$1" ] || openssl genpkey -algorithm ED25519 > "$1"; }

password esdb-admin-password
password esdb-ops-password
password esdb-yichi-password
key log-key.pem
key token-key.pem
# How the application's nodes reach the cluster. The file that it names is the authority that certificates.sh made.
address() {
  [ -f "$1" ] || printf 'esdb://%s:%s@esdb-1:2113,esdb-2:2113,esdb-3:2113?tls=true&tlsCAFile=/certs/ca/ca.crt\n' \
    "$2" "$(cat "esdb-$2-password")" > "$1"
}
address event-log yichi
address event-log-admin admin
# Keys that were put here may be readable to their owner alone.
chmod 444 esdb-*-password log-key.pem token-key.pem event-log event-log-admin
ls
