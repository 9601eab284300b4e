import { expect, test } from '@jest/globals';
import { renewedToken } from './azure-token.ts';

const MINUTE_MS = 60_000;

function tokenOf(minutes: number) {
  const state = { now: 0, fetches: 0, failure: undefined as Error | undefined };
  const token = renewedToken(
    () => {
      state.fetches += 1;
      if (state.failure !== undefined) return Promise.reject(state.failure);
      const expiresOnTimestamp = state.now + minutes * MINUTE_MS;
      return Promise.resolve({ token: `token ${String(state.fetches)}`, expiresOnTimestamp });
    },
    () => state.now,
  );
  return { token, state };
}

test('many who ask at once share one fetch', async () => {
  const { token, state } = tokenOf(60);
  const got = await Promise.all(Array.from({ length: 50 }, () => token.get()));
  expect(new Set(got)).toEqual(new Set(['token 1']));
  expect(state.fetches).toBe(1);
});

test('it is renewed before it ends, while the old one is used', async () => {
  const { token, state } = tokenOf(60);
  await token.get();
  state.now = 54 * MINUTE_MS;
  expect(await token.get()).toBe('token 1');
  state.now = 56 * MINUTE_MS;
  expect(await token.get()).toBe('token 1');
  await new Promise(setImmediate);
  expect(await token.get()).toBe('token 2');
  expect(state.fetches).toBe(2);
});

test('a renewal that fails is tried again after a pause, and tells when the old one has ended', async () => {
  const { token, state } = tokenOf(60);
  await token.get();
  state.failure = new Error('identity\n  endpoint away');
  state.now = 56 * MINUTE_MS;
  for (let request = 0; request < 10; request += 1) expect(await token.get()).toBe('token 1');
  await new Promise(setImmediate);
  expect(state.fetches).toBe(2);
  state.now = 60 * MINUTE_MS;
  await expect(token.get()).rejects.toMatchObject({
    errorClass: 'credentials',
    message: 'There is no access token for Azure: identity endpoint away',
  });
  state.failure = Object.assign(new Error('busy'), { statusCode: 503 });
  await expect(token.get()).rejects.toMatchObject({ errorClass: 'server_error' });
  state.failure = undefined;
  expect(await token.get()).toBe('token 5');
});

test('one that was refused is not used again', async () => {
  const { token } = tokenOf(60);
  await token.get();
  token.forget();
  expect(await token.get()).toBe('token 2');
});
