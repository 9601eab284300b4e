import { createHmac, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import type { Config } from '../config/config.ts';

/** The only login of the dashboard, from the environment. */
export type Credentials = NonNullable<Config['dashboard']['credentials']>;

export const SESSION_MS = 12 * 3600 * 1000;

/** Checks logins and signs sessions. A session is `<expiry in ms>.<signature>`; the server stores nothing. */
export class Logins {
  readonly #credentials: Credentials;
  readonly #comparisonKey = randomBytes(32);
  readonly #sessionKey: Buffer;

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
    // Derived from the password, so that sessions survive a restart and end when the password changes; with scrypt,
    // so that a stolen cookie does not make guessing the password cheap.
    this.#sessionKey = scryptSync(`${credentials.user}\n${credentials.password}`, 'sonotheque-session-1', 32);
  }

  /** Compares in constant time. */
  accepts(user: string, password: string): boolean {
    const userMatches = this.#equal(user, this.#credentials.user);
    const passwordMatches = this.#equal(password, this.#credentials.password);
    return userMatches && passwordMatches;
  }

  /** @param header the value of `Authorization`, such as `Basic dXNlcjpwYXNzd29yZA==` */
  acceptsBasic(header: string): boolean {
    const encoded = /^Basic ([\w+/=]+)$/i.exec(header)?.[1];
    if (encoded === undefined) return false;
    const text = Buffer.from(encoded, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    return colon >= 0 && this.accepts(text.slice(0, colon), text.slice(colon + 1));
  }

  openSession(nowMs: number = Date.now()): string {
    const expiry = String(nowMs + SESSION_MS);
    return `${expiry}.${this.#sign(expiry).toString('base64url')}`;
  }

  /** Whether the session was signed with this password and has not expired. */
  acceptsSession(session: string, nowMs: number = Date.now()): boolean {
    const [expiry = '', signature = ''] = session.split('.');
    const given = Buffer.from(signature, 'base64url');
    const expected = this.#sign(expiry);
    return given.length === expected.length && timingSafeEqual(given, expected) && Number(expiry) > nowMs;
  }

  #sign(expiry: string): Buffer {
    return createHmac('sha256', this.#sessionKey).update(expiry).digest();
  }

  /** Digests have the same length, so that not even the length of a password can be measured. */
  #equal(given: string, expected: string): boolean {
    const digest = (text: string) => createHmac('sha256', this.#comparisonKey).update(text).digest();
    return timingSafeEqual(digest(given), digest(expected));
  }
}
