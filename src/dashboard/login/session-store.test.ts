import { beforeEach, describe, expect, test } from '@jest/globals';
import { SessionStore } from './session-store.ts';
import type { RedisConnection } from '../../queues/redis-connection.ts';

/** As much of Redis as the store uses; `isAway` makes every command fail. */
class FakeRedis {
  isAway = false;
  readonly values = new Map<string, Buffer>();

  #answer<T>(work: () => T): Promise<T> {
    return this.isAway ? Promise.reject(new Error('Connection is closed.')) : Promise.resolve(work());
  }
  mgetBuffer(...keys: string[]) {
    return this.#answer(() => keys.map((key) => this.values.get(key) ?? null));
  }
  getBuffer(key: string) {
    return this.#answer(() => this.values.get(key) ?? null);
  }
  set(key: string, value: Buffer | string, mode?: string) {
    return this.#answer(() => {
      if (mode === 'NX' && this.values.has(key)) return null;
      this.values.set(key, Buffer.from(value));
      return 'OK';
    });
  }
}

let redis: FakeRedis;
let store: SessionStore;
const open = () => new SessionStore(redis as unknown as RedisConnection, 'test');
const LATER = Date.now() + 3_600_000;

beforeEach(() => {
  redis = new FakeRedis();
  store = open();
});

describe('the key of the sessions', () => {
  test('is random, the same for all dashboards, and new when Redis was emptied', async () => {
    const [one, other] = await Promise.all([store.signingKey(), open().signingKey()]);
    expect(one).toHaveLength(32);
    expect(other).toEqual(one);
    expect((await store.stateOf('a')).key).toEqual(one);
    redis.values.clear();
    const now = (await store.stateOf('a')).key;
    expect(now).not.toEqual(one);
    expect((await open().stateOf('a')).key).toEqual(now);
  });
});

describe('without Redis', () => {
  test('those sessions go on that were seen to be good, and no others', async () => {
    const { key } = await store.stateOf('good');
    store.noteGood('good');
    redis.isAway = true;
    expect(await store.stateOf('good')).toEqual({ key, isRevoked: false });
    await expect(store.stateOf('unknown')).rejects.toMatchObject({ errorClass: 'redis_unavailable' });
    await expect(store.signingKey()).rejects.toMatchObject({ errorClass: 'redis_unavailable' });
    await expect(open().stateOf('good')).rejects.toMatchObject({ errorClass: 'redis_unavailable' });
  });

  test('a session that is revoked has ended here, stays so, and ends for the others when Redis is back', async () => {
    await store.stateOf('good');
    store.noteGood('good');
    redis.isAway = true;
    await expect(store.revoke('good', LATER)).rejects.toMatchObject({ errorClass: 'redis_unavailable' });
    expect(await store.stateOf('good')).toMatchObject({ isRevoked: true });
    redis.isAway = false;
    expect(await open().stateOf('good')).toMatchObject({ isRevoked: false });
    expect(await store.stateOf('good')).toMatchObject({ isRevoked: true });
    await new Promise((resolve) => setImmediate(resolve));
    expect(await open().stateOf('good')).toMatchObject({ isRevoked: true });
  });
});

test('a revoked session has ended for all', async () => {
  await store.stateOf('one');
  store.noteGood('one');
  await store.revoke('one', LATER);
  expect(await store.stateOf('one')).toMatchObject({ isRevoked: true });
  expect(await open().stateOf('one')).toMatchObject({ isRevoked: true });
  expect(await open().stateOf('other')).toMatchObject({ isRevoked: false });
});
