import { Argument, Option } from 'commander';
import { ROLES } from '../domain/role.ts';
import { createCommand, runCommand } from './command/run-command.ts';
import { USERS_ACTIONS, type UsersAction, type UsersOptions } from './users/users-options.ts';

const command = createCommand(
  'users',
  'Lists, sets and removes the users of the dashboard in DASHBOARD_USERS_FILE.',
  [
    'npm run users',
    'npm run users -- set ama --role operator',
    'npm run users -- set kofi --role viewer --file dashboard-users.txt < password.txt',
    'npm run users -- remove kofi',
  ],
)
  .addArgument(new Argument('[action]', 'what to do').choices(USERS_ACTIONS).default('list'))
  .argument('[name]', 'the name of the user')
  .addOption(new Option('--role <role>', 'set: what the user may do; a new user is a viewer').choices(ROLES))
  .option('--file <path>', 'the users file, in place of DASHBOARD_USERS_FILE')
  .option('--json', 'print one JSON object')
  .addHelpText(
    'after',
    '\nset asks for the password on a terminal; otherwise the password is the first line of standard input.\n',
  );

await runCommand(async (signal) => {
  const flags = command.parse().opts<UsersOptions>();
  const [action, name] = command.processedArgs as [UsersAction, string | undefined];
  const { users } = await import('./users/users-command.ts');
  return await users(action, name, flags, signal);
});
