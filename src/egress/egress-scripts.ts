/**
 * The scripts of the egress ledger, in Redis's Lua (https://redis.io/docs/latest/develop/programmability/eval-intro/).
 * Each runs as one step, by Redis's own clock, so that workers on many hosts cannot overshoot together and their
 * clocks do not matter.
 *
 * Keys below `<prefix>:egress`: `names` (who was used last when), for each identity a hash `identity:<name>` and a
 * sorted set `starts:<name>` of the starts of the last hour.
 *
 * The budget: a start is granted when fewer than `budget` were granted in the hour before and the spacing since the
 * last one is over. The circuit:
 *
 *     closed ── refused ──► open until T ── T is over ──► half-open: one start is granted as the probe
 *       ▲                        ▲                               │
 *       └──────── answered ──────┼───────────────────────────────┤
 *                                └── refused: a longer rest ─────┘  nothing said, or its lease over: another probe
 *
 * Half-open is not stored: it is an open circuit whose T is over. Each opening has a number, the epoch, which a grant
 * remembers: a refusal of a start that was granted before the opening joins that opening, and of several workers that
 * are refused at once one escalates. `level` counts the openings since the last success. A listing that succeeds
 * closes the circuit but, if a download had opened it, leaves the level: sites list for those whom they refuse media.
 */

/** Redis's clock: milliseconds since 1970. */
export const REDIS_CLOCK = `
local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
`;

/** KEYS[1] is the common beginning of all keys, ARGV[1] how long an identity that nobody uses is remembered. */
const COMMON = `
local WINDOW = 3600000
local base = KEYS[1]
local retention = ARGV[1]
local now = clock()
local namesKey = base .. ':names'

local function hashKey(name) return base .. ':identity:' .. name end
local function startsKey(name) return base .. ':starts:' .. name end

local function look(name)
  local fields = redis.call('HMGET', hashKey(name), 'isOpen', 'level', 'epoch', 'openUntil', 'probe', 'probeUntil',
    'nextStartAt', 'lastStartAt', 'budget', 'spacingMs', 'reason', 'openedBy', 'openedAt', 'probedEpoch')
  local function number(index) return tonumber(fields[index]) or 0 end
  return {
    name = name, isOpen = fields[1] == '1', level = number(2), epoch = number(3), openUntil = number(4),
    probe = fields[5] or '', probeUntil = number(6), nextStartAt = number(7), lastStartAt = number(8),
    budget = number(9), spacingMs = number(10), reason = fields[11] or '', openedBy = fields[12] or '',
    openedAt = number(13), probedEpoch = number(14),
  }
end

local function used(name) return redis.call('ZCOUNT', startsKey(name), '(' .. (now - WINDOW), '+inf') end

-- When the next start may be granted; not after now if at once.
local function readyAt(identity)
  local at = identity.nextStartAt
  if identity.isOpen then
    at = math.max(at, identity.openUntil)
    if identity.probe ~= '' then at = math.max(at, identity.probeUntil) end
  end
  local excess = used(identity.name) - identity.budget
  if identity.budget > 0 and excess >= 0 then
    local entry = redis.call('ZRANGEBYSCORE', startsKey(identity.name), '(' .. (now - WINDOW), '+inf',
      'WITHSCORES', 'LIMIT', excess, 1)
    at = math.max(at, tonumber(entry[2]) + WINDOW)
  end
  return at
end

local function keep(name)
  redis.call('ZADD', namesKey, now, name)
  redis.call('PEXPIRE', hashKey(name), retention)
end
`;

/**
 * ARGV: 2 the identities `[{name, budget, spacingMs}]` as JSON, 3 the token of the grant, 4 a random number of 0 to 1,
 * 5 the lease of a probe. Grants a start to the least recently used identity that may, or tells how long to wait.
 */
export const ACQUIRE = `
${COMMON}
local best
local earliest = math.huge
local names = {}
for index, wanted in ipairs(cjson.decode(ARGV[2])) do
  redis.call('HSET', hashKey(wanted.name), 'budget', wanted.budget, 'spacingMs', wanted.spacingMs)
  keep(wanted.name)
  names[index] = wanted.name
  local identity = look(wanted.name)
  local at = readyAt(identity)
  if at > now then
    earliest = math.min(earliest, at)
  elseif not best or identity.lastStartAt < best.lastStartAt then
    best = identity
  end
end
if not best then return cjson.encode({granted = false, waitMs = earliest - now}) end

local starts = startsKey(best.name)
redis.call('ZREMRANGEBYSCORE', starts, '-inf', now - WINDOW)
redis.call('ZADD', starts, now, ARGV[3])
redis.call('PEXPIRE', starts, WINDOW)
redis.call('HSET', hashKey(best.name), 'lastStartAt', now,
  'nextStartAt', now + math.floor(best.spacingMs * (1 + tonumber(ARGV[4]))))
local isFirstProbe = false
if best.isOpen then
  isFirstProbe = best.probedEpoch ~= best.epoch
  redis.call('HSET', hashKey(best.name), 'probe', ARGV[3], 'probeUntil', now + ARGV[5], 'probedEpoch', best.epoch)
end
return cjson.encode({
  granted = true, identity = best.name, epoch = best.epoch, isProbe = best.isOpen, isFirstProbe = isFirstProbe,
})
`;

/**
 * ARGV: 2 identity, 3 token, 4 epoch, 5 kind (`download` or `listing`), 6 verdict (`answered`, `refused` or
 * `nothing`), 7 why (an error class), 8 the least rest the site asked for, 9 the first rest, 10 the longest.
 * Announces on `changes` that a start may be granted sooner than was thought.
 */
export const REPORT = `
${COMMON}
local name, token, kind, verdict = ARGV[2], ARGV[3], ARGV[5], ARGV[6]
local atLeast = tonumber(ARGV[8])
local identity = look(name)
local hash = hashKey(name)
local isCurrent = tonumber(ARGV[4]) == identity.epoch
local change = 'none'
local restMs = 0
local isProbe = identity.probe == token
if isProbe then redis.call('HDEL', hash, 'probe', 'probeUntil') end

if verdict == 'refused' and isCurrent then
  local level = identity.level + 1
  local escalated = ARGV[9] * 2 ^ math.min(level - 1, 30)
  restMs = math.floor(math.max(math.min(escalated, tonumber(ARGV[10])), atLeast))
  change = identity.isOpen and 'prolonged' or 'opened'
  redis.call('HSET', hash, 'isOpen', 1, 'level', level, 'epoch', identity.epoch + 1, 'openUntil', now + restMs,
    'reason', ARGV[7])
  if not identity.isOpen then redis.call('HSET', hash, 'openedAt', now, 'openedBy', kind)
  elseif kind == 'download' then redis.call('HSET', hash, 'openedBy', kind) end
  redis.call('HDEL', hash, 'probe', 'probeUntil')
elseif verdict == 'refused' and identity.isOpen and atLeast > 0 and now + atLeast > identity.openUntil then
  redis.call('HSET', hash, 'openUntil', now + atLeast, 'reason', ARGV[7])
elseif verdict == 'answered' and isCurrent then
  if identity.isOpen then
    change = 'closed'
    redis.call('HDEL', hash, 'isOpen', 'openUntil', 'openedAt', 'reason', 'probe', 'probeUntil')
  end
  if kind == 'download' or identity.openedBy == 'listing' then redis.call('HDEL', hash, 'level', 'openedBy') end
end
keep(name)
if isProbe or change == 'closed' then redis.call('PUBLISH', base .. ':changes', change) end
return cjson.encode({change = change, restMs = restMs})
`;

/** ARGV: 2 identity, 3 token, 4 the lease. Returns 1 while the token is the probe's. */
export const RENEW = `
${COMMON}
local hash = hashKey(ARGV[2])
if redis.call('HGET', hash, 'probe') ~= ARGV[3] then return 0 end
redis.call('HSET', hash, 'probeUntil', now + ARGV[4])
return 1
`;

/** Tells the state of all identities that were used within the retention, by name; changes nothing. */
export const READ = `
${COMMON}
local states = {}
for _, name in ipairs(redis.call('ZRANGEBYSCORE', namesKey, now - retention, '+inf')) do
  local identity = look(name)
  local restMs = math.max(identity.openUntil - now, 0)
  table.insert(states, {
    name = name, circuit = not identity.isOpen and 'closed' or restMs > 0 and 'open' or 'half-open',
    restMs = identity.isOpen and restMs or 0, openForMs = identity.isOpen and now - identity.openedAt or 0,
    reason = identity.isOpen and identity.reason or '', level = identity.level,
    budgetPerHour = identity.budget, usedLastHour = used(name), nextStartInMs = math.max(readyAt(identity) - now, 0),
  })
end
if #states == 0 then return '[]' end
return cjson.encode(states)
`;
