-- What the scripts of an inbox share. KEYS: inbox, cursors, sessions of the user. ARGV[1]: the epoch. A script answers
-- STALE, and has done nothing, if the inbox was not rebuilt since the epoch began.
--
-- The newest sequence and the highest command id ("top") are those of the last entry, unless the hash knows higher ones:
-- so an append need not write the hash. Answers of hot scripts are one string each, since Redis up to 6.2 spends more
-- time on an array from Lua than on all the rest.

-- The newest sequence and the highest command id, of what the hash knows of them and of the last entry.
local function reach(seq, top)
  local last = redis.call('LINDEX', KEYS[1], -1)
  seq, top = tonumber(seq or 0), tonumber(top or 0)
  if last then
    local at, id = last:match('^(%d+):(%d+)')
    seq, top = math.max(seq, tonumber(at)), math.max(top, tonumber(id))
  end
  return seq, top
end

-- Before the last entry goes.
local function settle(seq, top)
  redis.call('HSET', KEYS[2], 'seq', string.format('%.0f', seq), 'top', string.format('%.0f', top))
end

-- Drops so many of the oldest entries.
local function trim(count, seq, top)
  if count >= redis.call('LLEN', KEYS[1]) then
    settle(seq, top)
  end
  redis.call('LTRIM', KEYS[1], count, -1)
end

-- Place in the list, from 0, of the first entry above a sequence; the list's length if there is none.
local function index_above(after, tail)
  local length = redis.call('LLEN', KEYS[1])
  local function above(index)
    return tonumber(redis.call('LINDEX', KEYS[1], index):match('^%d+')) > after
  end

  -- Sequences rise by at least one from entry to entry: that bounds the place from below; without gaps it is the place.
  local low, high = math.max(0, length - math.max(0, tail - after)), length
  if low < high and above(low) then
    high = low
  end
  while low < high do
    local middle = math.floor((low + high) / 2)
    if above(middle) then
      high = middle
    else
      low = middle + 1
    end
  end
  return low, length
end

-- The lowest cursor of the known devices and the cursor of pulls that name none, nil where there is none of them.
local function readers()
  local lowest, pull = nil, nil
  local fields = redis.call('HGETALL', KEYS[2])
  for i = 1, #fields, 2 do
    local cursor = tonumber(fields[i + 1])
    if fields[i] == 'pull' then
      pull = cursor
    elseif fields[i]:find('^d%d') and (not lowest or cursor < lowest) then
      lowest = cursor
    end
  end
  return lowest, pull
end

-- Up to here nobody needs the list any more.
local function passed()
  local lowest, pull = readers()
  return math.min(lowest or pull or 0, pull or lowest or 0)
end

-- Whether the device that has this field has a session.
local function is_connected(field)
  for _, session in ipairs(redis.call('HVALS', KEYS[3])) do
    if 'd' .. session:match('^%d+') == field then
      return true
    end
  end
  return false
end

-- Sequence, command id and coalescing key of a pointer; an empty key is none.
local function parts(pointer)
  local seq, id, key = pointer:match('^(%d+):(%d+):?(.*)$')
  return tonumber(seq), id, key
end

local function push(pointers)
  for from = 1, #pointers, 1000 do
    redis.call('RPUSH', KEYS[1], unpack(pointers, from, math.min(from + 999, #pointers)))
  end
end
