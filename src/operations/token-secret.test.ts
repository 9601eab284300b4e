import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matchesToken, newToken, tokenIdOf } from './token-secret.ts';

test('a new token is recognised by its hash only', () => {
  const [one, other] = [newToken(), newToken()];
  expect(one.token).toMatch(/^sonotheque_[0-9a-f]{12}_[\w-]{43}$/);
  expect(one.token).not.toBe(other.token);
  expect(tokenIdOf(one.token)).toBe(one.tokenId);
  expect(matchesToken(one.token, one.hash)).toBe(true);
  expect(matchesToken(other.token, one.hash)).toBe(false);
  expect(one.hash).not.toContain(one.token.slice(-43));
});

test('nothing else is a token', () => {
  const { token, hash } = newToken();
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      fc.pre(text !== '');
      expect(tokenIdOf(text)).toBeUndefined();
      expect(tokenIdOf(token + text)).toBeUndefined();
      expect(matchesToken(text, hash)).toBe(false);
      expect(matchesToken(token, text)).toBe(false);
    }),
  );
});
