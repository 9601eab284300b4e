import type { Request } from 'express';
import type { TokenRepository } from '../../database/token-repository.ts';
import { matchesToken, tokenIdOf } from '../../operations/token-secret.ts';
import type { FailedLogins } from '../../queues/failed-logins.ts';
import type { Logger } from '../../runtime/logger.ts';
import { sourceOf, type AccessLog } from '../access-log.ts';
import type { Visitor } from '../access.ts';
import { clientAddress } from '../login/client-address.ts';
import { LoginDelays } from '../login/login-delays.ts';
import { visitorOfToken, type FindRole } from './token-visitor.ts';

export interface TokenAttemptDependencies {
  readonly tokens: TokenRepository;
  /** Undefined without a login. */
  readonly findRole: FindRole | undefined;
  readonly failedLogins: FailedLogins;
  readonly log: AccessLog;
  readonly logger: Logger;
}

export type TokenAttempt =
  | { readonly kind: 'right'; readonly visitor: Visitor }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'too_early'; readonly waitSeconds: number };

export type AttemptToken = (request: Request, token: string) => Promise<TokenAttempt>;

/** A use is written down once in this time. */
const NOTE_USE_MS = 60_000;
/** Under this name the delays count all wrong tokens of a network. */
const ANY_TOKEN = 'a bearer token';

/**
 * Looks at tokens; counts, logs and slows down what fails, by the network that it comes from. A right token is never held up by
 * wrong ones of its network: nobody finds one by trying, so the delay only spares the log and the alert.
 */
export function createTokenAttempts(dependencies: TokenAttemptDependencies): AttemptToken {
  const { tokens, findRole, failedLogins, log, logger } = dependencies;
  const delays = new LoginDelays();
  const noted = new Map<string, number>();

  /** Never rejects, and nobody waits for it. */
  function noteUse(tokenId: string, now: Date): void {
    const last = noted.get(tokenId) ?? Number.NEGATIVE_INFINITY;
    if (now.getTime() - last < NOTE_USE_MS) return;
    noted.set(tokenId, now.getTime());
    tokens.noteUse(tokenId, now).catch((error: unknown) => {
      logger.warn({ err: error }, 'The use of a token was not recorded');
    });
  }

  async function find(token: string): Promise<Visitor | undefined> {
    const tokenId = tokenIdOf(token);
    const known = tokenId === undefined ? undefined : await tokens.findByTokenId(tokenId);
    if (known === undefined || !matchesToken(token, known.hash)) return undefined;
    const now = new Date();
    const visitor = await visitorOfToken(known, findRole, now);
    if (visitor !== undefined) noteUse(known.token_id, now);
    return visitor;
  }

  return async (request, token) => {
    const visitor = await find(token);
    if (visitor !== undefined) return { kind: 'right', visitor };
    const { address, network } = clientAddress(request);
    const outcome = await delays.attempt(ANY_TOKEN, network, () => Promise.resolve(false));
    if (outcome.kind === 'too_early') {
      const waitSeconds = Math.ceil(outcome.waitMs / 1000);
      log.note('login_refused', sourceOf(request), { delaySeconds: waitSeconds });
      return { kind: 'too_early', waitSeconds };
    }
    log.note('login_failed', sourceOf(request));
    void failedLogins.count(address, new Date());
    return { kind: 'wrong' };
  };
}
