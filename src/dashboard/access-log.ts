import type { Request } from 'express';
import type { Logger } from '../runtime/logger.ts';
import { plainText } from '../text/plain-text.ts';
import { clientAddress } from './login/client-address.ts';

/** What is counted and logged of those who use the dashboard; what anybody can cause gets a limited number of lines. */
const EVENTS = {
  login: { level: 'info', isLimited: false, message: 'Logged in' },
  login_failed: { level: 'warn', isLimited: true, message: 'A login failed' },
  login_delayed: {
    level: 'warn',
    isLimited: true,
    message: 'After several failures the next login with this name from this address has to wait',
  },
  login_refused: {
    level: 'warn',
    isLimited: true,
    message: 'A login that came before its time was not looked at',
  },
  logout: { level: 'info', isLimited: false, message: 'Logged out' },
  change: { level: 'info', isLimited: false, message: 'A request that may change something' },
  change_refused: {
    level: 'warn',
    isLimited: true,
    message: 'A request that may change something was refused',
  },
} as const;

export type AccessEvent = keyof typeof EVENTS;
const EVENT_NAMES = Object.keys(EVENTS) as readonly AccessEvent[];

/** Limited lines in a minute; the next minute tells how many were left out. */
const MAX_LINES_A_MINUTE = 120;
const MINUTE_MS = 60_000;
const MAX_PATH_LENGTH = 200;
const MAX_NAME_LENGTH = 64;

/** Where a request comes from and what it asks for, without its query, which may hold anything. */
export interface RequestSource {
  readonly address: string;
  readonly method: string;
  readonly path: string;
}

/** To be called before the request is handed to Bull Board, whose app knows no trusted proxies. */
export function sourceOf(request: Request): RequestSource {
  return {
    address: clientAddress(request).address,
    method: request.method,
    path: plainText(request.originalUrl.split('?', 1)[0] ?? '', MAX_PATH_LENGTH),
  };
}

export interface AccessDetails {
  /** Only names that exist: what else is typed there may be a password. */
  readonly user?: string | undefined;
  readonly role?: string;
  readonly status?: number;
  readonly delaySeconds?: number;
}

/** One line of limited length in the log, and a counter, for each login, logout and changing request. */
export class AccessLog {
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #counts = new Map<AccessEvent, number>(EVENT_NAMES.map((name) => [name, 0]));
  #minute = 0;
  #lines = 0;
  #leftOut = 0;

  constructor(logger: Logger, now: () => number = Date.now) {
    this.#logger = logger;
    this.#now = now;
  }

  /** How often each event has happened in this process. */
  get counts(): ReadonlyMap<AccessEvent, number> {
    return this.#counts;
  }

  note(event: AccessEvent, source: RequestSource, details: AccessDetails = {}): void {
    this.#counts.set(event, (this.#counts.get(event) ?? 0) + 1);
    const { level, isLimited, message } = EVENTS[event];
    if (isLimited && !this.#mayWrite()) return;
    const { user, ...others } = details;
    this.#logger[level](
      {
        event,
        ...source,
        ...(user === undefined ? {} : { user: plainText(user, MAX_NAME_LENGTH) }),
        ...others,
      },
      message,
    );
  }

  #mayWrite(): boolean {
    const minute = Math.floor(this.#now() / MINUTE_MS);
    if (minute !== this.#minute) {
      if (this.#leftOut > 0)
        this.#logger.warn(
          { leftOut: this.#leftOut },
          'So many failed logins and refused requests have no line of their own',
        );
      this.#minute = minute;
      this.#lines = 0;
      this.#leftOut = 0;
    }
    this.#lines += 1;
    if (this.#lines <= MAX_LINES_A_MINUTE) return true;
    this.#leftOut += 1;
    return false;
  }
}
