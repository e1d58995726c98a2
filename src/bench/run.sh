#!/usr/bin/env bash
# run.sh herald|wukong SCENARIOS [key=value…]: starts a fresh server on loopback, runs the driver against it, stops it.
# Environment: JAVA (a JDK of at least 21), HERALD (command; default: the packaged jar), JVM (its flags), WUKONGIM (its
# binary), DRIVER (command; default: the driver through Maven), WEBHOOK (where the server posts its events).
set -euo pipefail
cd "$(dirname "$0")/../.."
kind=$1; scenarios=$2; shift 2
JAVA=${JAVA:-java}
dir=$(mktemp -d)
server=
stop() {
  if [ -n "$server" ] && kill "$server" 2> /dev/null; then wait "$server" 2> /dev/null || true; fi
  rm -rf "$dir"
}
trap stop EXIT

if curl -s -o /dev/null http://127.0.0.1:15001/; then
  echo "something answers on port 15001 already: it would be measured instead" >&2; exit 2
fi

until_up() {
  for _ in $(seq 300); do
    if curl -sf -o /dev/null "http://127.0.0.1:15001/health"; then return; fi
    kill -0 "$server" || break
    sleep 0.2
  done
  tail -20 "$dir/log"; exit 1
}

case $kind in
  herald)
    export HERALD_HTTP_PORT=15001 HERALD_WS_PORT=15200 HERALD_TCP_PORT=15100 HERALD_MANAGEMENT_PORT=15300 HERALD_DATA_DIR=$dir/data
    if [ -n "${WEBHOOK:-}" ]; then export HERALD_WEBHOOK_URL=$WEBHOOK HERALD_WEBHOOK_ALLOWED_NETWORKS=127.0.0.0/8; fi
    # shellcheck disable=SC2086
    ${HERALD:-$JAVA --enable-native-access=ALL-UNNAMED ${JVM:-} -jar target/herald.jar} > "$dir/log" 2>&1 &
    server=$!
    until_up
    pids=herald:$server
    if [ -f "$dir/data/postgres/postmaster.pid" ]; then
      pids=$pids,postgres:$(head -1 "$dir/data/postgres/postmaster.pid"),redis:$(cat "$dir/data/redis/redis.pid")
    fi
    ;;
  wukong)
    printf '%s\n' 'mode: release' 'addr: tcp://127.0.0.1:15100' 'httpAddr: 127.0.0.1:15001' 'wsAddr: ws://127.0.0.1:15200' \
      "rootDir: $dir/data" 'manager: {on: false}' 'demo: {on: false}' 'auth: {on: false}' \
      'cluster: {nodeId: 1, addr: "tcp://127.0.0.1:15110", serverAddr: "127.0.0.1:15110", apiUrl: "http://127.0.0.1:15001"}' \
      "webhook: {httpAddr: \"${WEBHOOK:-}\"}" "logger: {dir: $dir/logs}" > "$dir/wk.yaml"
    "${WUKONGIM:?the path of its binary}" --config "$dir/wk.yaml" > "$dir/log" 2>&1 &
    server=$!
    until_up
    pids=wukong:$server
    ;;
  *) echo "herald or wukong?" >&2; exit 2 ;;
esac

args="$scenarios ws=ws://127.0.0.1:15200 api=http://127.0.0.1:15001 pids=$pids label=$kind $*"
if [ -n "${DRIVER:-}" ]; then
  # shellcheck disable=SC2086
  $DRIVER $args
else
  mvn -q -Pbench test-compile exec:exec "-Dbench=$args"
fi
