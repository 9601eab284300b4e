import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { hasEnded, isSigned, newSession, parseSession, renewed, signSession } from './session.ts';

const SECRET = { key: randomBytes(32), passwordVersion: 'one' };
const LIMITS = { idleMs: 1_000, maxMs: 5_000 };

describe('the cookie of a session', () => {
  test.each(['ama', 'Ékoé', 'with.dots and; semicolons=', 'x'.repeat(200)])('of %j is read again', (user) => {
    const session = newSession(user, 1_000);
    const cookie = signSession(session, SECRET);
    expect(cookie).toMatch(/^[\w.-]+$/);
    expect(parseSession(cookie)).toEqual(session);
    expect(isSigned(cookie, SECRET)).toBe(true);
    expect(isSigned(cookie, { ...SECRET, passwordVersion: 'two' })).toBe(false);
    expect(isSigned(cookie, { ...SECRET, key: randomBytes(32) })).toBe(false);
  });

  test('has an id of its own each time', () => {
    expect(newSession('ama', 0).id).not.toBe(newSession('ama', 0).id);
  });

  test.each(['', '.', '....', 'NaN.', '99999999999999.AAAA', 'a.b.c.d.e', `${'x'.repeat(100_000)}.`])(
    '%j is none',
    (cookie) => {
      expect(parseSession(cookie)).toBeUndefined();
      expect(isSigned(cookie, SECRET)).toBe(false);
    },
  );
});

describe('a session', () => {
  const session = { ...newSession('ama', 0), usedAt: 4_500 };
  test.each([
    ['just used', 4_600, false],
    ['at the end of its life, though used', 5_000, true],
  ])('%s', (_when, now, expected) => {
    expect(hasEnded(session, LIMITS, now)).toBe(expected);
  });

  test('ends without use, and notes a use now and then', () => {
    const unused = newSession('ama', 0);
    expect(hasEnded(unused, LIMITS, 999)).toBe(false);
    expect(hasEnded(unused, LIMITS, 1_000)).toBe(true);
    expect(renewed(unused, LIMITS, 49)).toBeUndefined();
    expect(renewed(unused, LIMITS, 50)).toEqual({ ...unused, usedAt: 50 });
  });
});
