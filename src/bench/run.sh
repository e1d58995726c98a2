#!/usr/bin/env bash
# run.sh herald|wukong SCENARIOS [key=value…]: starts a fresh server on loopback, runs the driver against it, stops it.
# Environment: JAVA (a JDK of at least 21), HERALD (command; default: the packaged jar), JVM (its flags), WUKONGIM (its
# binary), DRIVER (command; default: the driver through Maven), WEBHOOK (where the server posts its events), PORTS (the
# server's are some above it; default: 15000), SAMPLE (seconds between two looks at what Herald and its stores hold).
set -euo pipefail
cd "$(dirname "$0")/../.."
kind=$1; scenarios=$2; shift 2
JAVA=${JAVA:-java}
base=${PORTS:-15000}
http=http://127.0.0.1:$((base + 1)) ws=ws://127.0.0.1:$((base + 200)) management=http://127.0.0.1:$((base + 300))
dir=$(mktemp -d)
server=
stop() {
  if [ -n "$server" ] && kill "$server" 2> /dev/null; then wait "$server" 2> /dev/null || true; fi
  rm -rf "$dir"
}
trap stop EXIT

if curl -s -o /dev/null "$http/"; then
  echo "something answers at $http already: it would be measured instead" >&2; exit 2
fi

until_up() {
  for _ in $(seq 300); do
    if curl -sf -o /dev/null "$http/health"; then return; fi
    kill -0 "$server" || break
    sleep 0.2
  done
  tail -20 "$dir/log"; exit 1
}

case $kind in
  herald)
    export HERALD_HTTP_PORT=$((base + 1)) HERALD_WS_PORT=$((base + 200)) HERALD_TCP_PORT=$((base + 100))
    export HERALD_MANAGEMENT_PORT=$((base + 300)) HERALD_DATA_DIR=$dir/data
    if [ -n "${WEBHOOK:-}" ]; then export HERALD_WEBHOOK_URL=$WEBHOOK; fi
    # shellcheck disable=SC2086
    ${HERALD:-$JAVA --enable-native-access=ALL-UNNAMED ${JVM:-} -jar target/herald.jar} > "$dir/log" 2>&1 &
    server=$!
    until_up
    pids=herald:$server
    if [ -f "$dir/data/postgres/postmaster.pid" ]; then
      pids=$pids,postgres:$(head -1 "$dir/data/postgres/postmaster.pid"),redis:$(cat "$dir/data/redis/redis.pid")
    fi
    if [ -n "${SAMPLE:-}" ]; then src/bench/sample.sh "$SAMPLE" "$server" "$management" "$dir/data" & fi
    ;;
  wukong)
    printf '%s\n' 'mode: release' "addr: tcp://127.0.0.1:$((base + 100))" "httpAddr: ${http#http://}" "wsAddr: $ws" \
      "rootDir: $dir/data" 'manager: {on: false}' 'demo: {on: false}' 'auth: {on: false}' \
      "cluster: {nodeId: 1, addr: \"tcp://127.0.0.1:$((base + 110))\", serverAddr: \"127.0.0.1:$((base + 110))\", apiUrl: \"$http\"}" \
      "webhook: {httpAddr: \"${WEBHOOK:-}\"}" "logger: {dir: $dir/logs}" > "$dir/wk.yaml"
    "${WUKONGIM:?the path of its binary}" --config "$dir/wk.yaml" > "$dir/log" 2>&1 &
    server=$!
    until_up
    pids=wukong:$server
    ;;
  *) echo "herald or wukong?" >&2; exit 2 ;;
esac

args="$scenarios ws=$ws api=$http pids=$pids label=$kind $*"
if [ -n "${DRIVER:-}" ]; then
  # shellcheck disable=SC2086
  $DRIVER $args
else
  mvn -q -Pbench test-compile exec:exec "-Dbench=$args"
fi
