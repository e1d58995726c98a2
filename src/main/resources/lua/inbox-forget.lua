-- Forgets a device, unless it is connected, however long ago it was noted. If it was the last, entries whose commands are
-- gone go too, and whoever comes next is told that the list was cut, as is a pull that names no device.
-- ARGV: epoch, the device's field, lowest id of a command that is still there.
-- Returns -1 if it is connected, else how many entries went.
if redis.call('HGET', KEYS[2], 'epoch') ~= ARGV[1] then
  return 'STALE'
end
if is_connected(ARGV[2]) then
  return -1
end
redis.call('HDEL', KEYS[2], ARGV[2], 'new:' .. ARGV[2], 'given:' .. ARGV[2])
local lowest, pull = readers()
if ARGV[2] == 'pull' or pull and not lowest then
  redis.call('HSET', KEYS[2], 'new:pull', 1)
end
if lowest then
  return 0
end
redis.call('HSET', KEYS[2], 'cut', 1)
redis.call('HDEL', KEYS[2], 'given:pull')

local oldest, count = tonumber(ARGV[3]), 0
for _, pointer in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  local _, id = parts(pointer)
  if tonumber(id) >= oldest then
    break
  end
  count = count + 1
end
trim(count, reach(redis.call('HGET', KEYS[2], 'seq'), redis.call('HGET', KEYS[2], 'top')))
return count
