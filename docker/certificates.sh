#!/bin/sh
# A certificate authority of this cluster's own, and a certificate for each of its servers and for the entry point.
# What is there and valid for another month stays; run again and restart the servers to renew.
#   NODES   names of the servers, as clients and the other servers call them
#   ENTRY   name of the entry point
#   CERTS   where they are written
#   OWNER   whose they then are, but for the authority's key; empty: whoever runs this
set -eu
NODES="${NODES:-esdb-1 esdb-2 esdb-3}"
ENTRY="${ENTRY:-localhost}"
CERTS="${CERTS:-/certs}"
MONTH=2592000
umask 077

valid() { [ -f "$1" ] && openssl x509 -in "$1" -noout -checkend "$MONTH" >/dev/null; }

# The servers' user and the application's have the same number; the authority's key is for nobody who serves.
mkdir -p "$CERTS/ca" "$CERTS/authority"
if ! valid "$CERTS/ca/ca.crt"; then
  openssl req -x509 -newkey rsa:3072 -nodes -sha256 -days 1825 -subj '/O=Yichi/CN=Yichi cluster authority' \
    -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign' \
    -keyout "$CERTS/authority/ca.key" -out "$CERTS/ca/ca.crt" 2>/dev/null
  echo "authority: $CERTS/ca/ca.crt"
fi

# issue <folder> <common name> <alternative names> <purposes>
issue() {
  valid "$CERTS/$1/node.crt" && openssl verify -CAfile "$CERTS/ca/ca.crt" "$CERTS/$1/node.crt" >/dev/null 2>&1 && return
  mkdir -p "$CERTS/$1"
  openssl req -newkey rsa:2048 -nodes -sha256 -subj "/CN=$2" \
    -keyout "$CERTS/$1/node.key" -out "$CERTS/$1/node.csr" 2>/dev/null
  printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,keyEncipherment\nextendedKeyUsage=%s\nsubjectAltName=%s\n' \
    "$4" "$3" > "$CERTS/$1/node.ext"
  openssl x509 -req -sha256 -days 365 -in "$CERTS/$1/node.csr" -extfile "$CERTS/$1/node.ext" \
    -CA "$CERTS/ca/ca.crt" -CAkey "$CERTS/authority/ca.key" -CAserial "$CERTS/authority/ca.srl" -CAcreateserial \
    -out "$CERTS/$1/node.crt" 2>/dev/null
  rm "$CERTS/$1/node.csr" "$CERTS/$1/node.ext"
  echo "certificate: $CERTS/$1/node.crt"
}

for node in $NODES; do
  # The servers know each other by this common name; clients look at the alternative names.
  issue "nodes/$node" eventstoredb-node "DNS:$node,DNS:localhost,IP:127.0.0.1" serverAuth,clientAuth
done
issue entry "$ENTRY" "DNS:$ENTRY" serverAuth

if [ -n "${OWNER:-}" ]; then chown -R "$OWNER" "$CERTS/ca" "$CERTS/nodes" "$CERTS/entry"; fi
