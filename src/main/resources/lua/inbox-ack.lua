-- Acknowledges where it is not simple: the cursor is new or that of a pull, or the list is long. What is not defined here
-- is in inbox-ack-short, which comes first.
--
-- An acknowledged entry stays while its command may be appended once more: as long as the command's fan-out is pending,
-- though not where the append would not look anyway. The last few stay in any case, since the caller's knowledge of
-- what is pending is about a second old.
local KEEP, CHUNK, MOST = 16, 256, 8192

if state[1] ~= ARGV[1] then
  return 'STALE'
end
local tail, top = reach(state[3], redis.call('HGET', KEYS[2], 'top'))
local most = tail
if ARGV[2] == 'pull' then
  -- A back end may name any sequence, but what it was not given it has not received.
  local given = redis.call('HGET', KEYS[2], 'given')
  if not given and not known then
    return 0
  end
  most = tonumber(given) or known
end
local target = math.min(tonumber(ARGV[3]), most)
if not known or target > known then
  redis.call('HSET', KEYS[2], ARGV[2], string.format('%.0f', target))
  change = known and 1 or 2
end

local probe = redis.call('LINDEX', KEYS[1], LAZY - 1)
local limit, pending = probe and passed() - KEEP, tonumber(ARGV[4])
if not probe or tonumber(probe:match('^%d+')) > limit then
  return change
end
local unseen = redis.call('LLEN', KEYS[1]) - tonumber(ARGV[5])
local function trimmable(pointer, index)
  local seq, id = parts(pointer)
  return seq <= limit and (tonumber(id) < pending or index < unseen)
end

local count, going = 0, true
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
