-- Moves one cursor forward, and trims what no known device needs any more.
-- KEYS: inbox, cursors. ARGV: the cursor's field, sequence, lowest command id that may still be appended again,
-- entries that an append looks back for a repeat.
--
-- An acknowledged entry stays while its command may be appended once more: as long as the command's fan-out is pending,
-- though not where the append would not look anyway. The last few stay in any case, since the caller's knowledge of
-- what is pending is about a second old.
local KEEP, LAZY, CHUNK, MOST = 16, 32, 256, 8192

local target = math.min(tonumber(ARGV[2]), tonumber(redis.call('HGET', KEYS[2], 'seq') or 0))
local known = redis.call('HGET', KEYS[2], ARGV[1])
if not known or target > tonumber(known) then
  redis.call('HSET', KEYS[2], ARGV[1], target)
end

local pull, lowest = 0, nil
local fields = redis.call('HGETALL', KEYS[2])
for i = 1, #fields, 2 do
  local cursor = tonumber(fields[i + 1])
  if fields[i] == 'pull' then
    pull = cursor
  elseif fields[i]:sub(1, 1) == 'd' and (not lowest or cursor < lowest) then
    lowest = cursor
  end
end

local limit, pending = (lowest or pull) - KEEP, tonumber(ARGV[3])
local unseen = redis.call('LLEN', KEYS[1]) - tonumber(ARGV[4])
local function trimmable(pointer, index)
  local seq, id = pointer:match('^(%d+):(%d+)')
  return tonumber(seq) <= limit and (tonumber(id) < pending or index < unseen)
end

local count, going = 0, true
local probe = redis.call('LINDEX', KEYS[1], LAZY - 1)
if not probe or tonumber(probe:match('^%d+')) > limit then
  return
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
  redis.call('LTRIM', KEYS[1], count, -1)
end
