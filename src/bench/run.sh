#!/usr/bin/env bash
# run.sh herald|herald3|wukong|both SCENARIOS [key=value…]: starts a fresh server on loopback (herald3: a cluster of three
# nodes, of which "kill" kills the last; both: Herald, and WuKongIM, which takes its turn after each run of Herald), runs the
# driver against it, stops it.
# Environment: JAVA (a JDK of at least 21), HERALD (command; default: the packaged jar), JVM (its flags), WUKONGIM (its
# binary), DRIVER (command; default: the driver through Maven), WEBHOOK (where the server posts its events), PORTS (the
# first of ten ports for each server; default 15000), SAMPLE (seconds between two looks at what the first Herald and its
# stores hold).
set -euo pipefail
cd "$(dirname "$0")/../.."
kind=$1; scenarios=$2; shift 2
JAVA=${JAVA:-java}
dir=$(mktemp -d)
servers=()
stop() {
  for server in "${servers[@]}"; do kill "$server" 2> /dev/null || true; done
  for server in "${servers[@]}"; do wait "$server" 2> /dev/null || true; done
  rm -rf "$dir"
}
trap stop EXIT

# The address of port $2 of server $1, both counted from 0.
at() { echo "127.0.0.1:$((${PORTS:-15000} + 10 * $1 + $2))"; }
api() { at "$1" 0; }
ws() { at "$1" 1; }
tcp() { at "$1" 2; }
cluster() { at "$1" 3; }
management() { at "$1" 4; }
port() { echo "${1#*:}"; }

if curl -s -o /dev/null "http://$(api 0)/"; then
  echo "something answers at $(api 0) already: it would be measured instead" >&2; exit 2
fi

until_up() {
  for _ in $(seq 300); do
    if curl -sf -o /dev/null "http://$(api "$1")/health"; then return; fi
    kill -0 "${servers[$1]}" || break
    sleep 0.2
  done
  tail -20 "$dir/log$1"; exit 1
}

start_herald() {
  # shellcheck disable=SC2086
  HERALD_HTTP_PORT=$(port "$(api "$1")") HERALD_WS_PORT=$(port "$(ws "$1")") HERALD_TCP_PORT=$(port "$(tcp "$1")") \
    HERALD_CLUSTER_PORT=$(port "$(cluster "$1")") HERALD_MANAGEMENT_PORT=$(port "$(management "$1")") HERALD_DATA_DIR=$dir/data$1 \
    ${HERALD:-$JAVA --enable-native-access=ALL-UNNAMED ${JVM:-} -jar target/herald.jar} > "$dir/log$1" 2>&1 &
  servers+=($!)
  until_up "$1"
}

start_wukong() {
  printf '%s\n' 'mode: release' "addr: tcp://$(tcp "$1")" "httpAddr: $(api "$1")" "wsAddr: ws://$(ws "$1")" \
    "rootDir: $dir/data" 'manager: {on: false}' 'demo: {on: false}' 'auth: {on: false}' \
    "cluster: {nodeId: 1, addr: \"tcp://$(cluster "$1")\", serverAddr: \"$(cluster "$1")\", apiUrl: \"http://$(api "$1")\"}" \
    "webhook: {httpAddr: \"${WEBHOOK:-}\"}" "logger: {dir: $dir/logs}" > "$dir/wk.yaml"
  "${WUKONGIM:?the path of its binary}" --config "$dir/wk.yaml" > "$dir/log$1" 2>&1 &
  servers+=($!)
  until_up "$1"
}

# The stores that the first Herald has started, unless it was given others.
find_stores() {
  local postgres=$dir/data0/postgres/postmaster.pid redis=$dir/data0/redis/redis.pid
  stores=
  if [ -f "$postgres" ] && [ -f "$redis" ]; then
    stores=,postgres:$(head -1 "$postgres"),redis:$(cat "$redis")
    HERALD_POSTGRES_URL=postgresql://postgres@127.0.0.1:$(sed -n 4p "$postgres")/postgres
    HERALD_REDIS_URL=redis://$(tr '\0' ' ' < "/proc/$(cat "$redis")/cmdline" | grep -o '127.0.0.1:[0-9]*' | tail -1)
    export HERALD_POSTGRES_URL HERALD_REDIS_URL
  fi
}

case $kind in
  herald | herald3 | both)
    if [ -n "${WEBHOOK:-}" ]; then export HERALD_WEBHOOK_URL=$WEBHOOK HERALD_WEBHOOK_ALLOWED_NETWORKS=127.0.0.0/8; fi
    if [ "$kind" = herald3 ]; then
      HERALD_WEBHOOK_KEY=$(head -c 32 /dev/zero | base64) HERALD_CLUSTER_ENABLED=true HERALD_CLUSTER_MEMBERS=$(cluster 0),$(cluster 1),$(cluster 2)
      export HERALD_WEBHOOK_KEY HERALD_CLUSTER_ENABLED HERALD_CLUSTER_MEMBERS
    fi
    start_herald 0
    find_stores
    pids=herald:${servers[0]}
    ws=ws://$(ws 0); api=http://$(api 0)
    if [ "$kind" = herald3 ]; then
      start_herald 1
      start_herald 2
      pids=$pids,second:${servers[1]},third:${servers[2]}
      ws=$ws,ws://$(ws 1),ws://$(ws 2); api=$api,http://$(api 1)
    fi
    if [ -n "${SAMPLE:-}" ]; then src/bench/sample.sh "$SAMPLE" "${servers[0]}" "http://$(management 0)" "$dir/data0" & fi
    args="pids=$pids$stores postgres=${HERALD_POSTGRES_URL:-} redis=${HERALD_REDIS_URL:-} kill=${servers[-1]}"
    if [ "$kind" = both ]; then
      start_wukong 1
      args="$args beside=ws://$(ws 1),http://$(api 1),wukong:${servers[1]}"
    fi
    ;;
  wukong)
    start_wukong 0
    ws=ws://$(ws 0); api=http://$(api 0)
    args=pids=wukong:${servers[0]}
    ;;
  *) echo "herald, herald3, wukong or both?" >&2; exit 2 ;;
esac

args="$scenarios ws=$ws api=$api $args label=$kind $*"
if [ -n "${DRIVER:-}" ]; then
  # shellcheck disable=SC2086
  $DRIVER $args
else
  mvn -q -Pbench test-compile exec:exec "-Dbench=$args"
fi
