-- Where a pull that names no device reads on: behind what it has acknowledged itself; before the first time, behind what
-- every device has.
-- ARGV: epoch.
-- Returns, parted by blanks: the sequence; 3 if it lacks some of what was before since the list was cut, and has not
-- acknowledged anything since then, else 0; the tail.
local state = redis.call('HMGET', KEYS[2], 'epoch', 'seq', 'new:pull', 'cut')
if state[1] ~= ARGV[1] then
  return 'STALE'
end
local lowest, pull = readers()
local lacks = state[3] or state[4] and not pull and not lowest
return string.format('%.0f %d %.0f', pull or lowest or 0, lacks and 3 or 0, (reach(state[2])))
