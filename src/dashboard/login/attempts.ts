import type { Request } from 'express';
import type { FailedLogins } from '../../queues/failed-logins.ts';
import { sourceOf, type AccessLog } from '../access-log.ts';
import { clientAddress } from './client-address.ts';
import { TooManyWaitingError } from './fair-turns.ts';
import { LoginDelays } from './login-delays.ts';
import type { User } from './user.ts';
import type { Users } from './users.ts';

export interface AttemptDependencies {
  readonly users: Users;
  readonly failedLogins: FailedLogins;
  readonly log: AccessLog;
}

export type Attempt =
  | { readonly kind: 'right'; readonly user: User }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'too_early'; readonly waitSeconds: number };

export type AttemptLogin = (request: Request, name: string, password: string) => Promise<Attempt>;

/** What a client is told whose attempts fill its queue. */
const BUSY_WAIT_MS = 5_000;

/** Looks at names and passwords, of the page and of HTTP Basic alike: slows guessing down, counts and logs what fails. */
export function createAttempts({ users, failedLogins, log }: AttemptDependencies): AttemptLogin {
  const delays = new LoginDelays();

  return async (request, name, password) => {
    const { address, network } = clientAddress(request);
    let user: User | undefined;
    const outcome = await delays
      .attempt(name, network, async () => {
        user = await users.withPassword(name, password, network);
        return user !== undefined;
      })
      .catch((error: unknown) => {
        if (error instanceof TooManyWaitingError) return { kind: 'too_early', waitMs: BUSY_WAIT_MS } as const;
        throw error;
      });
    if (outcome.kind === 'right' && user !== undefined) return { kind: 'right', user };
    // Other names are not written down: what was typed there may be a password.
    const known = (await users.find(name))?.name;
    if (outcome.kind === 'too_early') {
      const waitSeconds = Math.ceil(outcome.waitMs / 1000);
      log.note('login_refused', sourceOf(request), { user: known, delaySeconds: waitSeconds });
      return { kind: 'too_early', waitSeconds };
    }
    log.note('login_failed', sourceOf(request), { user: known });
    void failedLogins.count(address, new Date());
    if (outcome.kind === 'wrong' && outcome.delayMs > 0)
      log.note('login_delayed', sourceOf(request), { user: known, delaySeconds: outcome.delayMs / 1000 });
    return { kind: 'wrong' };
  };
}
