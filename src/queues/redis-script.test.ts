import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { RedisConnection } from './redis-connection.ts';
import { runScript } from './redis-script.ts';

const SCRIPT = 'return ARGV[1]';
const HASH = createHash('sha1').update(SCRIPT).digest('hex');

/** Notes what it is asked; scripts by hash are refused with this error. */
function createRedis(error?: Error) {
  const calls: unknown[] = [];
  const redis = {
    evalsha: (...args: unknown[]) => {
      calls.push(['evalsha', ...args]);
      return error === undefined ? Promise.resolve('known') : Promise.reject(error);
    },
    eval: (...args: unknown[]) => {
      calls.push(['eval', ...args]);
      return Promise.resolve('told');
    },
  };
  return { calls, redis: redis as unknown as RedisConnection };
}

test('Redis gets the hash of a script that it knows', async () => {
  const { calls, redis } = createRedis();
  expect(await runScript(redis, SCRIPT, ['key'], [1, 'two'])).toBe('known');
  expect(calls).toEqual([['evalsha', HASH, 1, 'key', 1, 'two']]);
});

test('and its text when it does not know it, as after a restart', async () => {
  const { calls, redis } = createRedis(new Error('NOSCRIPT No matching script. Please use EVAL.'));
  expect(await runScript(redis, SCRIPT, ['key'], [1])).toBe('told');
  expect(calls.at(-1)).toEqual(['eval', SCRIPT, 1, 'key', 1]);
});

test('what the script itself fails with is no reason to run it again', async () => {
  const { calls, redis } = createRedis(new Error('OOM command not allowed'));
  await expect(runScript(redis, SCRIPT, ['key'], [1])).rejects.toThrow('OOM');
  expect(calls).toHaveLength(1);
});
