import type { Request, Response } from 'express';
import { isSafe } from '../access.ts';
import { clearSessionCookie, readSessionCookie, setSessionCookie } from './cookies.ts';
import {
  hasEnded,
  isSigned,
  newSession,
  parseSession,
  renewed,
  signSession,
  type Session,
  type SessionLimits,
} from './session.ts';
import type { SessionStore } from './session-store.ts';
import type { User } from './user.ts';
import type { Users } from './users.ts';

/** The sessions of people who logged in on the page. */
export class Sessions {
  readonly #users: Users;
  readonly #store: SessionStore;
  readonly #limits: SessionLimits;
  readonly #now: () => number;

  constructor(users: Users, store: SessionStore, limits: SessionLimits, now: () => number = Date.now) {
    this.#users = users;
    this.#store = store;
    this.#limits = limits;
    this.#now = now;
  }

  /** @throws OperatorError when Redis does not answer. */
  async open(request: Request, response: Response, user: User): Promise<void> {
    const session = newSession(user.name, this.#now());
    this.#write(request, response, session, {
      key: await this.#store.signingKey(),
      passwordVersion: user.passwordVersion,
    });
  }

  /**
   * The user of a request's session, who has not lost the role or the password since; undefined without one. Notes its use.
   * @throws OperatorError when Redis does not answer and this process does not know the session.
   */
  async find(request: Request, response: Response): Promise<User | undefined> {
    const found = await this.#read(request);
    if (found === undefined) return undefined;
    const { session, user, key } = found;
    const used = isUse(request) ? renewed(session, this.#limits, this.#now()) : undefined;
    if (used !== undefined)
      this.#write(request, response, used, { key, passwordVersion: user.passwordVersion });
    return user;
  }

  /**
   * Revokes the session of a request and removes its cookie.
   * @returns the name of its user; undefined without a session
   * @throws OperatorError when Redis does not answer: other dashboards do not know of it.
   */
  async end(request: Request, response: Response): Promise<string | undefined> {
    clearSessionCookie(request, response);
    const found = await this.#read(request);
    if (found === undefined) return undefined;
    await this.#store.revoke(found.session.id, found.session.startedAt + this.#limits.maxMs);
    return found.user.name;
  }

  async #read(request: Request): Promise<{ session: Session; user: User; key: Buffer } | undefined> {
    const cookie = readSessionCookie(request);
    const session = cookie === undefined ? undefined : parseSession(cookie);
    if (cookie === undefined || session === undefined || hasEnded(session, this.#limits, this.#now()))
      return undefined;
    const user = await this.#users.find(session.user);
    if (user === undefined) return undefined;
    const { key, isRevoked } = await this.#store.stateOf(session.id);
    if (isRevoked || !isSigned(cookie, { key, passwordVersion: user.passwordVersion })) return undefined;
    this.#store.noteGood(session.id);
    return { session, user, key };
  }

  #write(
    request: Request,
    response: Response,
    session: Session,
    secret: { key: Buffer; passwordVersion: string },
  ): void {
    const leftMs = session.startedAt + this.#limits.maxMs - this.#now();
    setSessionCookie(request, response, signSession(session, secret), leftMs);
  }
}

/**
 * Whether a person did something, as far as the browser tells: pages that reload themselves, and what scripts fetch, would keep
 * a session alive on a screen that nobody looks at.
 */
function isUse(request: Request): boolean {
  const mode = request.get('sec-fetch-mode');
  if (!isSafe(request) || mode === undefined) return true;
  return mode === 'navigate' && request.get('sec-fetch-user') === '?1';
}
