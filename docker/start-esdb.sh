#!/bin/sh
# Starts a server of the cluster; the passwords count only at its very first start.
set -eu
EVENTSTORE_DEFAULT_ADMIN_PASSWORD="$(cat /run/secrets/esdb-admin-password)"
EVENTSTORE_DEFAULT_OPS_PASSWORD="$(cat /run/secrets/esdb-ops-password)"
export EVENTSTORE_DEFAULT_ADMIN_PASSWORD EVENTSTORE_DEFAULT_OPS_PASSWORD
exec /opt/eventstore/EventStore.ClusterNode "$@"
