import { describe, expect, test } from '@jest/globals';
import { Logins, SESSION_MS } from './credentials.ts';

const logins = new Logins({ user: 'ama', password: 'with:colon ü' });

describe('logins', () => {
  test.each([
    ['ama', 'with:colon ü', true],
    ['ama', 'with:colon', false],
    ['ama', '', false],
    ['', 'with:colon ü', false],
    ['other', 'with:colon ü', false],
  ])('%j with %j: %s', (user, password, expected) => {
    expect(logins.accepts(user, password)).toBe(expected);
    const header = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    expect(logins.acceptsBasic(header)).toBe(expected);
  });

  test.each(['', 'Basic', 'Basic !!', 'Bearer YTpi', `Basic ${Buffer.from('no colon').toString('base64')}`])(
    'the header %j is not accepted',
    (header) => {
      expect(logins.acceptsBasic(header)).toBe(false);
    },
  );

  test('a session ends when it expires, and when the password changes', () => {
    const session = logins.openSession(1_000);
    expect(logins.acceptsSession(session, SESSION_MS)).toBe(true);
    expect(logins.acceptsSession(session, SESSION_MS + 1_000)).toBe(false);
    expect(new Logins({ user: 'ama', password: 'another one' }).acceptsSession(session, 2_000)).toBe(false);
    expect(new Logins({ user: 'ama', password: 'with:colon ü' }).acceptsSession(session, 2_000)).toBe(true);
  });

  test.each(['', '.', 'NaN.', '99999999999999', '99999999999999.AAAA'])(
    'the session %j is not accepted',
    (session) => {
      expect(logins.acceptsSession(session, 0)).toBe(false);
    },
  );
});
