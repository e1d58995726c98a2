-- Where a pull that names no device reads on: what every device has, or the back end itself, is not given again.
-- KEYS: cursors.
local pull, lowest = 0, nil
local fields = redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local cursor = tonumber(fields[i + 1])
  if fields[i] == 'pull' then
    pull = cursor
  elseif fields[i]:sub(1, 1) == 'd' and (not lowest or cursor < lowest) then
    lowest = cursor
  end
end
return math.max(pull, lowest or 0)
