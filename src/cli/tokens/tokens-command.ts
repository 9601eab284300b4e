import {
  addToken,
  listTokens,
  revokeToken,
  tokenInput,
  tokenNameInput,
} from '../../operations/manage-tokens.ts';
import { formatTokens } from '../../operations/token-text.ts';
import { commandActor } from '../command/actor.ts';
import { commandConfig } from '../command/config.ts';
import { parseInput } from '../command/input.ts';
import { printMessage, printResult } from '../command/output.ts';
import { usageError, type CloseAtEnd } from '../command/run-command.ts';
import { openRecords } from '../command/servers.ts';
import type { TokensOptions } from './tokens-options.ts';

/** Lists, makes and revokes tokens. @returns the exit code: 1 when there is no such token, or one of this name already. */
export async function tokens(options: TokensOptions, closeAtEnd: CloseAtEnd): Promise<number> {
  const { add, revoke, role, days, json } = options;
  if (add === undefined && (role !== undefined || days !== undefined))
    throw usageError('--role and --days belong to --add.');
  const wanted =
    add === undefined
      ? undefined
      : parseInput(tokenInput, {
          name: add,
          role: role ?? 'viewer',
          ...(days === undefined ? {} : { expiresInDays: days }),
        });
  const ended = revoke === undefined ? undefined : parseInput(tokenNameInput, revoke);
  const purpose = { name: 'sonotheque-tokens', writes: add !== undefined || revoke !== undefined };
  const database = await openRecords(commandConfig(), purpose, closeAtEnd);
  if (wanted !== undefined) {
    const added = await addToken(wanted, commandActor(), { database });
    if (added.outcome === 'taken') {
      printMessage(`There is a token named ${wanted.name} already. Revoke it first, or use another name.`);
      return 1;
    }
    // The token alone on standard output, for a file or a variable.
    printResult(json, { token: added.token, ...added.row }, added.token);
    if (!json) printMessage(`${wanted.name} was made as ${wanted.role}. It is not shown again.`);
    return 0;
  }
  if (ended !== undefined) {
    const isRevoked = await revokeToken(ended, commandActor(), { database });
    if (isRevoked) printResult(json, { name: ended, outcome: 'revoked' }, `${ended} was revoked.`);
    else printMessage(`There is no token named ${ended}.`);
    return isRevoked ? 0 : 1;
  }
  const rows = await listTokens(database);
  printResult(json, { tokens: rows }, formatTokens(rows, new Date()));
  return 0;
}
