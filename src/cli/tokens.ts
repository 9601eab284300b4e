import { Option } from 'commander';
import { ROLES } from '../domain/role.ts';
import { createCommand, runCommand, wholeNumber } from './command/run-command.ts';
import type { TokensOptions } from './tokens/tokens-options.ts';

const MAX_DAYS = 3_650;

const command = createCommand(
  'tokens',
  'Lists, makes and revokes the tokens with which programs use the API.',
  [
    'npm run tokens',
    'npm run tokens -- --add backup --role viewer',
    'npm run tokens -- --add deploy --role operator --days 90',
    'npm run tokens -- --revoke backup',
  ],
)
  .addOption(new Option('--list', 'list the tokens (the default)').conflicts(['add', 'revoke']))
  .addOption(new Option('--add <name>', 'make a token; it is shown this once').conflicts(['revoke']))
  .option('--revoke <name>', 'end a token, for good')
  .addOption(new Option('--role <role>', '--add: what the token may do (default: viewer)').choices(ROLES))
  .option(
    '--days <number>',
    '--add: how long it holds (default: until it is revoked)',
    wholeNumber(1, MAX_DAYS),
  )
  .option('--json', 'print one JSON object');

await runCommand(async (_signal, closeAtEnd) => {
  const options = command.parse().opts<TokensOptions>();
  const { tokens } = await import('./tokens/tokens-command.ts');
  return await tokens(options, closeAtEnd);
});
