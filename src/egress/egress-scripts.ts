/**
 * The scripts of the egress ledger, in Redis's Lua (https://redis.io/docs/latest/develop/programmability/eval-intro/).
 * Each runs as one step, by Redis's own clock, so that many workers cannot exceed a budget together and the clocks of
 * their hosts do not matter.
 *
 * Keys below `<prefix>:egress`: `names` (who was used last when), for each address a hash `identity:<name>` and a
 * sorted set `starts:<name>` of the starts of the last hour.
 *
 * The budget: a start is granted when fewer than `budget` were granted in the hour before and the spacing since the
 * last one is over. The circuit:
 *
 *     closed ── refused ──► open until T ── T is over ──► half-open: one start is granted as the probe
 *       ▲                        ▲                               │
 *       └──────── answered ──────┼───────────────────────────────┤
 *                                └── refused: a longer rest ─────┘  nothing known, or its lease over: another probe
 *
 * Half-open is not stored: it is an open circuit whose T is over. Each opening has a number, the epoch, which a grant
 * remembers: a refusal of a start that was granted before the opening joins that opening, and of several workers that
 * are refused at once one escalates.
 *
 * An outage: when most of the last starts, of several items, failed with the same class of error (the network, the site, or
 * a yt-dlp that no longer knows the site), the circuit opens with that class as its reason.
 *
 * Who is to blame: an item (a video, a playlist) that is refused is a suspect of that address, with the number of answers
 * that other items had got there by then. Refused again after further answers to others, the item is the cause: the
 * circuit stays as it is. Otherwise the address rests, and the probe is left to another item for a while.
 *
 * `level` counts the openings since the last success. A listing that succeeds
 * closes the circuit but, if a download had opened it, leaves the level: sites still list for addresses that they refuse media.
 */

/** Redis's clock: milliseconds since 1970. */
export const REDIS_CLOCK = `
local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
`;

/** For so long at most, after a rest, the item whose refusal opened the circuit leaves the probe to others. */
const PROBE_BY_OTHERS_MS = 30_000;

/** KEYS[1] is the common beginning of all keys, ARGV[1] how long an unused address is remembered. */
const COMMON = `
local WINDOW = 3600000
local PROBE_BY_OTHERS = ${String(PROBE_BY_OTHERS_MS)}
-- Of the last 10 starts 8 must have failed alike, over 5 items.
local OUTAGE_STARTS = 10
local OUTAGE_FAILURES = 8
local OUTAGE_ITEMS = 5
local base = KEYS[1]
local retention = ARGV[1]
local now = clock()
local namesKey = base .. ':names'

local function hashKey(name) return base .. ':identity:' .. name end
local function startsKey(name) return base .. ':starts:' .. name end

local function readAddress(name)
  local fields = redis.call('HMGET', hashKey(name), 'isOpen', 'level', 'epoch', 'openUntil', 'probe', 'probeUntil',
    'nextStartAt', 'lastStartAt', 'budget', 'spacingMs', 'reason', 'openedBy', 'openedAt', 'probedEpoch', 'item',
    'probeItem', 'answers', 'restMs')
  local function number(index) return tonumber(fields[index]) or 0 end
  return {
    name = name, isOpen = fields[1] == '1', level = number(2), epoch = number(3), openUntil = number(4),
    probe = fields[5] or '', probeUntil = number(6), nextStartAt = number(7), lastStartAt = number(8),
    budget = number(9), spacingMs = number(10), reason = fields[11] or '', openedBy = fields[12] or '',
    openedAt = number(13), probedEpoch = number(14), item = fields[15] or '', probeItem = fields[16] or '',
    answers = number(17), restMs = number(18),
  }
end

local function used(name) return redis.call('ZCOUNT', startsKey(name), '(' .. (now - WINDOW), '+inf') end

local function recentKey(name) return base .. ':recent:' .. name end
local function suspectsKey(name) return base .. ':suspects:' .. name end

-- When the next start of an item may be granted; not after now if at once. The item whose refusal opened the circuit
-- leaves the probe to another for a while.
local function readyAt(address, item)
  local at = address.nextStartAt
  if address.isOpen then
    at = math.max(at, address.openUntil)
    if item ~= '' and item == address.item then at = math.max(at, address.openUntil + math.min(PROBE_BY_OTHERS, address.restMs)) end
    if address.probe ~= '' then at = math.max(at, address.probeUntil) end
  end
  local excess = used(address.name) - address.budget
  if address.budget > 0 and excess >= 0 then
    local entry = redis.call('ZRANGEBYSCORE', startsKey(address.name), '(' .. (now - WINDOW), '+inf',
      'WITHSCORES', 'LIMIT', excess, 1)
    at = math.max(at, tonumber(entry[2]) + WINDOW)
  end
  return at
end

-- The level stays: it counts the openings since the last success.
local function closeCircuit(name)
  redis.call('HDEL', hashKey(name), 'isOpen', 'openUntil', 'openedAt', 'reason', 'probe', 'probeUntil', 'probeItem',
    'restMs', 'item')
end

local function keep(name)
  redis.call('ZADD', namesKey, now, name)
  redis.call('PEXPIRE', hashKey(name), retention)
end
`;

/**
 * ARGV: 2 the addresses `[{name, budget, spacingMs}]` as JSON, 3 the token of the grant, 4 a random number of 0 to 1,
 * 5 the lease of a probe, 6 the item. Grants a start to the least recently used address that may start, or returns how long to wait.
 */
export const ACQUIRE = `
${COMMON}
local best
local earliest = math.huge
local earliestForOthers = math.huge
local names = {}
for index, wanted in ipairs(cjson.decode(ARGV[2])) do
  redis.call('HSET', hashKey(wanted.name), 'budget', wanted.budget, 'spacingMs', wanted.spacingMs)
  keep(wanted.name)
  names[index] = wanted.name
  local address = readAddress(wanted.name)
  local at = readyAt(address, ARGV[6])
  if at > now then
    earliest = math.min(earliest, at)
    earliestForOthers = math.min(earliestForOthers, readyAt(address, ''))
  elseif not best or address.lastStartAt < best.lastStartAt then
    best = address
  end
end
if not best then
  return cjson.encode({granted = false, waitMs = earliest - now, isForOthers = earliestForOthers <= now})
end

local starts = startsKey(best.name)
redis.call('ZREMRANGEBYSCORE', starts, '-inf', now - WINDOW)
redis.call('ZADD', starts, now, ARGV[3])
redis.call('PEXPIRE', starts, WINDOW)
redis.call('HSET', hashKey(best.name), 'lastStartAt', now,
  'nextStartAt', now + math.floor(best.spacingMs * (1 + tonumber(ARGV[4]))))
local isFirstProbe = false
if best.isOpen then
  isFirstProbe = best.probedEpoch ~= best.epoch
  redis.call('HSET', hashKey(best.name), 'probe', ARGV[3], 'probeUntil', now + ARGV[5], 'probedEpoch', best.epoch,
    'probeItem', ARGV[6])
end
return cjson.encode({
  granted = true, address = best.name, epoch = best.epoch, isProbe = best.isOpen, isFirstProbe = isFirstProbe,
})
`;

/**
 * ARGV: 2 address, 3 token, 4 epoch, 5 kind (`download` or `listing`), 6 outcome (`answered`, `refused`,
 * `failed` or `nothing`), 7 the reason (an error class), 8 the least rest the site asked for, 9 the first rest, 10 the longest,
 * 11 the item.
 * Notifies on `changes` that a start may be granted sooner than expected.
 */
export const REPORT = `
${COMMON}
local name, token, kind, outcome = ARGV[2], ARGV[3], ARGV[5], ARGV[6]
local maxRest = tonumber(ARGV[10])
local atLeast = math.min(tonumber(ARGV[8]), maxRest)
local item = ARGV[11]
local address = readAddress(name)
local hash = hashKey(name)
local isCurrent = tonumber(ARGV[4]) == address.epoch
local change = 'none'
local restMs = 0
local isProbe = address.probe == token
if isProbe then redis.call('HDEL', hash, 'probe', 'probeUntil', 'probeItem') end

local suspects = suspectsKey(name)
local answersBefore = item ~= '' and tonumber(redis.call('HGET', suspects, item)) or nil
if outcome == 'refused' and item ~= '' and not answersBefore then
  redis.call('HSET', suspects, item, address.answers)
  redis.call('PEXPIRE', suspects, retention)
elseif outcome == 'answered' and isCurrent then
  redis.call('HINCRBY', hash, 'answers', 1)
  -- Its own answers say nothing about others.
  if answersBefore then redis.call('HINCRBY', suspects, item, 1) end
end

-- Whether most of the last starts failed with this class, over several items: then nobody's attempts should be spent.
local function isOutage(class)
  local recent = redis.call('LRANGE', recentKey(name), 0, -1)
  if #recent < OUTAGE_STARTS then return false end
  local failures, items, differentItems = 0, {}, 0
  for _, entry in ipairs(recent) do
    local failedItem, failedClass = entry:match('^(.*)|([^|]*)$')
    if failedClass == class then
      failures = failures + 1
      if not items[failedItem] then differentItems = differentItems + 1 end
      items[failedItem] = true
    end
  end
  return failures >= OUTAGE_FAILURES and differentItems >= OUTAGE_ITEMS
end
if outcome == 'failed' or outcome == 'answered' then
  redis.call('LPUSH', recentKey(name), item .. '|' .. (outcome == 'failed' and ARGV[7] or ''))
  redis.call('LTRIM', recentKey(name), 0, OUTAGE_STARTS - 1)
  redis.call('PEXPIRE', recentKey(name), retention)
end
-- A failure of the same class while the circuit is open for it belongs to the same outage.
if outcome == 'failed' and ((address.isOpen and address.reason == ARGV[7]) or isOutage(ARGV[7])) then
  if isCurrent then outcome = 'refused' else change = 'outage' end
end

if outcome == 'refused' and ARGV[6] == 'refused' and answersBefore and answersBefore < address.answers then
  change = 'item'
elseif outcome == 'refused' and isCurrent then
  local level = address.level + 1
  local escalated = ARGV[9] * 2 ^ math.min(level - 1, 30)
  restMs = math.floor(math.max(math.min(escalated, maxRest), atLeast))
  change = address.isOpen and 'prolonged' or 'opened'
  redis.call('HSET', hash, 'isOpen', 1, 'level', level, 'epoch', address.epoch + 1, 'openUntil', now + restMs,
    'reason', ARGV[7], 'restMs', restMs, 'item', item)
  if not address.isOpen then redis.call('HSET', hash, 'openedAt', now, 'openedBy', kind)
  elseif kind == 'download' then redis.call('HSET', hash, 'openedBy', kind) end
  redis.call('HDEL', hash, 'probe', 'probeUntil', 'probeItem')
elseif outcome == 'refused' and address.isOpen and atLeast > 0 and now + atLeast > address.openUntil then
  redis.call('HSET', hash, 'openUntil', now + atLeast, 'reason', ARGV[7])
elseif outcome == 'answered' and isCurrent then
  if address.isOpen then
    change = 'closed'
    closeCircuit(name)
  end
  if kind == 'download' or address.openedBy == 'listing' then redis.call('HDEL', hash, 'level', 'openedBy') end
end
keep(name)
if isProbe or change == 'closed' then redis.call('PUBLISH', base .. ':changes', change) end
return cjson.encode({change = change, restMs = restMs})
`;

/** ARGV: 2 address, 3 token, 4 the lease. Returns 1 while the token is the probe's. */
export const RENEW = `
${COMMON}
local hash = hashKey(ARGV[2])
if redis.call('HGET', hash, 'probe') ~= ARGV[3] then return 0 end
redis.call('HSET', hash, 'probeUntil', now + ARGV[4])
return 1
`;

/**
 * ARGV: 2 address. Ends the rest of an address: the circuit is half-open, and the next start is its probe. The level and the
 * budget stay as they are, so that a site that still refuses is not asked more often. Returns 1 when it rested.
 */
export const END_REST = `
${COMMON}
local address = readAddress(ARGV[2])
if not address.isOpen or address.openUntil <= now then return 0 end
redis.call('HSET', hashKey(ARGV[2]), 'openUntil', now)
redis.call('PUBLISH', base .. ':changes', 'ended')
return 1
`;

/** Returns the state of all addresses that were used within the retention, by name; changes nothing. */
export const READ = `
${COMMON}
local states = {}
for _, name in ipairs(redis.call('ZRANGEBYSCORE', namesKey, now - retention, '+inf')) do
  local address = readAddress(name)
  local restMs = math.max(address.openUntil - now, 0)
  table.insert(states, {
    name = name, circuit = not address.isOpen and 'closed' or restMs > 0 and 'open' or 'half-open',
    restMs = address.isOpen and restMs or 0, openForMs = address.isOpen and now - address.openedAt or 0,
    reason = address.isOpen and address.reason or '', level = address.level,
    budgetPerHour = address.budget, usedLastHour = used(name), nextStartInMs = math.max(readyAt(address, '') - now, 0),
    item = address.isOpen and address.item or '', probeItem = address.probe ~= '' and address.probeItem or '',
  })
end
if #states == 0 then return '[]' end
return cjson.encode(states)
`;
