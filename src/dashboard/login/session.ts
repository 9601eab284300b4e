import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** How long a session lasts. */
export interface SessionLimits {
  /** Without use. */
  readonly idleMs: number;
  /** In all. */
  readonly maxMs: number;
}

/** What the cookie says; nothing of it is secret, and only the server can write it. */
export interface Session {
  /** Names the session where it is revoked. */
  readonly id: string;
  readonly user: string;
  readonly startedAt: number;
  readonly usedAt: number;
}

/** Signatures are made anew when the noted use is older than this part of the idle time. */
const RENEWED_AFTER = 1 / 20;
const FORMAT = /^([\w-]{22})\.([\w-]{1,400})\.(\d{1,16})\.(\d{1,16})\.([\w-]{43})$/;

export function newSession(user: string, now: number): Session {
  return { id: randomBytes(16).toString('base64url'), user, startedAt: now, usedAt: now };
}

/**
 * The text of the cookie.
 * @param secret the key of the server together with what changes with the password
 */
export function signSession(session: Session, secret: SessionSecret): string {
  const { id, user, startedAt, usedAt } = session;
  const text = [id, Buffer.from(user).toString('base64url'), startedAt, usedAt].join('.');
  return `${text}.${signatureOf(text, secret).toString('base64url')}`;
}

export interface SessionSecret {
  readonly key: Buffer;
  readonly passwordVersion: string;
}

/** What a cookie claims, not yet to be believed. Undefined when it is no session. */
export function parseSession(cookie: string): Session | undefined {
  const [, id, user, startedAt, usedAt] = FORMAT.exec(cookie) ?? [];
  if (id === undefined || user === undefined) return undefined;
  return {
    id,
    user: Buffer.from(user, 'base64url').toString('utf8'),
    startedAt: Number(startedAt),
    usedAt: Number(usedAt),
  };
}

/** Whether the cookie was signed with this secret. Compares in constant time. */
export function isSigned(cookie: string, secret: SessionSecret): boolean {
  const at = cookie.lastIndexOf('.');
  const given = Buffer.from(cookie.slice(at + 1), 'base64url');
  const expected = signatureOf(cookie.slice(0, Math.max(0, at)), secret);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

export function hasEnded(
  { startedAt, usedAt }: Session,
  { idleMs, maxMs }: SessionLimits,
  now: number,
): boolean {
  return now >= startedAt + maxMs || now >= usedAt + idleMs;
}

/** The session with its use noted; undefined while the use that is noted is recent enough. */
export function renewed(session: Session, { idleMs }: SessionLimits, now: number): Session | undefined {
  return now - session.usedAt < idleMs * RENEWED_AFTER ? undefined : { ...session, usedAt: now };
}

function signatureOf(text: string, { key, passwordVersion }: SessionSecret): Buffer {
  return createHmac('sha256', key).update(`sonotheque-session-2\n${text}\n${passwordVersion}`).digest();
}
