import { formatTextTable } from '../text/tables.ts';
import { formatMoment } from '../text/units.ts';
import type { TokenRow } from './manage-tokens.ts';

/** A table of the tokens for a terminal. */
export function formatTokens(tokens: readonly TokenRow[], now: Date): string {
  if (tokens.length === 0) return 'There are no tokens. `npm run tokens -- --add NAME` makes one.';
  return formatTextTable(
    ['TOKEN', 'role', 'made by', 'made', 'expires', 'last used'],
    tokens.map(({ name, role, madeBy, createdAt, expiresAt, lastUsedAt }) => [
      name,
      role,
      madeBy ?? '–',
      formatMoment(createdAt),
      expiresAt === null ? 'never' : `${formatMoment(expiresAt)}${expiresAt <= now ? ' (expired)' : ''}`,
      lastUsedAt === null ? 'never' : formatMoment(lastUsedAt),
    ]),
  );
}
