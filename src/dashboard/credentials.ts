import { createHmac, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';

/** The one login of the dashboard, from the environment. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** How long a login lasts. */
export const SESSION_MS = 12 * 3600 * 1000;

/** Checks logins and signs sessions. A session is `<expiry in ms>.<signature>`; nothing is kept on the server. */
export class Logins {
  readonly #credentials: Credentials;
  readonly #comparisonKey = randomBytes(32);
  readonly #sessionKey: Buffer;

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
    // From the password, so that sessions outlast a restart and end with a change of the password; scrypt, so
    // that a stolen cookie does not make guessing the password cheap.
    this.#sessionKey = scryptSync(`${credentials.user}\n${credentials.password}`, 'sonotheque-session-1', 32);
  }

  /** Compares in a time that says nothing about the right values. */
  accepts(user: string, password: string): boolean {
    const userMatches = this.#equal(user, this.#credentials.user);
    const passwordMatches = this.#equal(password, this.#credentials.password);
    return userMatches && passwordMatches;
  }

  /** Reads an `Authorization: Basic` header. */
  acceptsBasic(header: string): boolean {
    const encoded = /^Basic ([\w+/=]+)$/i.exec(header)?.[1];
    if (encoded === undefined) return false;
    const text = Buffer.from(encoded, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    return colon >= 0 && this.accepts(text.slice(0, colon), text.slice(colon + 1));
  }

  /** Makes a session that ends after SESSION_MS. */
  openSession(nowMs: number = Date.now()): string {
    const expiry = String(nowMs + SESSION_MS);
    return `${expiry}.${this.#sign(expiry).toString('base64url')}`;
  }

  /** Whether a session was signed here and has not ended. */
  acceptsSession(session: string, nowMs: number = Date.now()): boolean {
    const [expiry = '', signature = ''] = session.split('.');
    const given = Buffer.from(signature, 'base64url');
    const expected = this.#sign(expiry);
    return given.length === expected.length && timingSafeEqual(given, expected) && Number(expiry) > nowMs;
  }

  #sign(expiry: string): Buffer {
    return createHmac('sha256', this.#sessionKey).update(expiry).digest();
  }

  /** Digests have one length, so that not even the length of a password can be measured. */
  #equal(given: string, expected: string): boolean {
    const digest = (text: string) => createHmac('sha256', this.#comparisonKey).update(text).digest();
    return timingSafeEqual(digest(given), digest(expected));
  }
}
