-- Moves one cursor forward, and trims what no known device needs any more.
-- ARGV: epoch, the cursor's field, sequence, lowest command id that may still be appended again, entries that an append
-- looks back for a repeat.
-- Returns 2 if this made the cursor known, 1 if it moved it, else 0.
--
-- An acknowledged entry stays while its command may be appended once more: as long as the command's fan-out is pending,
-- though not where the append would not look anyway. The last few stay in any case, since the caller's knowledge of
-- what is pending is about a second old.
local KEEP, LAZY, CHUNK, MOST = 16, 32, 256, 8192

local state = redis.call('HMGET', KEYS[2], 'epoch', 'seq', 'top', ARGV[2])
if state[1] ~= ARGV[1] then
  return 'STALE'
end
local known = state[4]
local tail, top = reach(state[2], state[3])
local most = tail
if ARGV[2] == 'pull' then
  -- A back end may name any sequence, but what it was not given it has not received.
  most = tonumber(redis.call('HGET', KEYS[2], 'given') or known or 0)
end
local target = math.min(tonumber(ARGV[3]), most)
local change = not known and 2 or target > tonumber(known) and 1 or 0
if change > 0 then
  redis.call('HSET', KEYS[2], ARGV[2], target)
end

local limit, pending = passed() - KEEP, tonumber(ARGV[4])
local unseen = redis.call('LLEN', KEYS[1]) - tonumber(ARGV[5])
local function trimmable(pointer, index)
  local seq, id = parts(pointer)
  return seq <= limit and (tonumber(id) < pending or index < unseen)
end

local count, going = 0, true
local probe = redis.call('LINDEX', KEYS[1], LAZY - 1)
if not probe or tonumber(probe:match('^%d+')) > limit then
  return change
end
while going and count < MOST do
  local entries = redis.call('LRANGE', KEYS[1], count, count + CHUNK - 1)
  going = #entries == CHUNK
  for _, pointer in ipairs(entries) do
    if not trimmable(pointer, count) then
      going = false
      break
    end
    count = count + 1
  end
end
if count >= LAZY then
  trim(count, tail, top)
end
return change
