-- Acknowledges where it is not simple: the reader pulls, or lacks something, or the list is long. What is not defined here
-- is in inbox-ack-short, which comes first.
--
-- Only what a reader was given it has received, whatever it says. A session says it of what it was sent; a pull, and a
-- device that is not connected, may name any sequence. Who is not known, or not any more, was given nothing: it has to
-- come first, and learn what it lacks.
--
-- An acknowledged entry stays while its command may be appended once more: as long as the command's fan-out is pending,
-- though not where the append would not look anyway. The last few stay in any case, since the caller's knowledge of
-- what is pending is about a second old.
local KEEP, CHUNK, MOST = 16, 256, 8192

if state[1] ~= ARGV[1] then
  return 'STALE'
end
local tail, top = reach(state[3], redis.call('HGET', KEYS[2], 'top'))
local most, told = tail, target >= (known or 0)
if ARGV[6] and not is_connected(ARGV[2]) then
  -- The note is dropped whenever the reader begins to lack something, so it was told with what was given since.
  most, told = tonumber(redis.call('HGET', KEYS[2], 'given:' .. ARGV[2])), true
end
if not most or not known and ARGV[2] ~= 'pull' then
  return 0
end
local change = 0
if state[4] and told then
  redis.call('HDEL', KEYS[2], new)
  change = 1
end
target = math.min(target, most)
if not known or target > known then
  redis.call('HSET', KEYS[2], ARGV[2], string.format('%.0f', target))
  change = 1
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
