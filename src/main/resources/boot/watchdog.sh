# Outlives a Herald that was killed, and then stops the servers that it left behind.
# Arguments: lock file, what it says of its owner, pid file of PostgreSQL, pid file of Redis.
trap '' HUP INT TERM

# Herald holds the other end of standard input: it ends when Herald does.
while read -r line; do :; done

tell() {
  if [ -f "$2" ] && read -r pid < "$2"; then
    kill -s "$1" "$pid"
  fi
}

running() {
  [ -f "$3" ] || [ -f "$4" ]
}

# Looks a while longer, for a server that was just starting; stops once another Herald holds the folder.
round=0
while [ "$(cat "$1")" = "$2" ] && { [ "$round" -lt 3 ] || running "$@"; } && [ "$round" -lt 30 ]; do
  tell INT "$3"
  tell TERM "$4"
  sleep 1
  round=$((round + 1))
done
