import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import { Argument, Option } from 'commander';
import { gatherEnvironment } from '../config/load.ts';
import { hashPassword } from '../dashboard/login/password-hash.ts';
import { ROLES, type Role, type UserEntry } from '../dashboard/login/user.ts';
import { isUserName, readUsersFile, writeUsersFile } from '../dashboard/login/users-file.ts';
import { readSecret } from './command/read-secret.ts';
import { printResult } from './command/output.ts';
import { createCommand, runCommand, usageError } from './command/run-command.ts';

const ACTIONS = ['list', 'set', 'remove'] as const;
type Action = (typeof ACTIONS)[number];
const MIN_PASSWORD_LENGTH = 8;

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
  .addArgument(new Argument('[action]', 'what to do').choices(ACTIONS).default('list'))
  .argument('[name]', 'the name of the user')
  .addOption(new Option('--role <role>', 'set: what the user may do; a new user is a viewer').choices(ROLES))
  .option('--file <path>', 'the users file, in place of DASHBOARD_USERS_FILE')
  .option('--json', 'print one JSON object')
  .addHelpText(
    'after',
    '\nset asks for the password on a terminal; otherwise the password is the first line of standard input.\n',
  );

await runCommand(async (signal) => {
  const flags = command.parse().opts<{ role?: Role; file?: string; json?: boolean }>();
  const [action, name] = command.processedArgs as [Action, string | undefined];
  const file = flags.file ?? gatherEnvironment(process.env)['DASHBOARD_USERS_FILE'];
  if (file === undefined) throw usageError('Name the users file with --file, or set DASHBOARD_USERS_FILE.');
  const users = await readUsersFile(file);
  const print = (entries: readonly UserEntry[], text: string) => {
    printResult(flags.json, { file, users: entries.map(({ name, role }) => ({ name, role })) }, text);
  };
  if (action === 'list') {
    if (name !== undefined || flags.role !== undefined) throw usageError('list takes no name and no role.');
    const lines = users.map(({ name, role }) => `${role.padEnd(8)}  ${name}`);
    print(users, lines.length === 0 ? `There are no users in ${file}.` : lines.join('\n'));
    return 0;
  }
  if (name === undefined || !isUserName(name))
    throw usageError(`${action} needs a name: up to 64 letters, digits and . _ @ -`);
  const existing = users.find((user) => user.name === name);
  const others = users.filter((user) => user !== existing);
  if (action === 'remove') {
    if (existing === undefined) throw usageError(`There is no user ${name} in ${file}.`);
    await writeUsersFile(file, others);
    print(others, `${name} was removed. Sessions of that name have ended.`);
    return 0;
  }
  const hash = await hashPassword(await readPassword(name, signal));
  const changed: UserEntry = { name, role: flags.role ?? existing?.role ?? 'viewer', hash };
  const all =
    existing === undefined ? [...users, changed] : users.map((user) => (user === existing ? changed : user));
  await writeUsersFile(file, all);
  print(
    all,
    existing === undefined
      ? `${name} was added as ${changed.role}.`
      : `${name} is ${changed.role} with a new password. Sessions with the old one have ended.`,
  );
  return 0;
});

async function readPassword(name: string, signal: AbortSignal): Promise<string> {
  const password = process.stdin.isTTY
    ? await readSecret(`Password of ${name}: `, signal)
    : await firstLine();
  if (password.length < MIN_PASSWORD_LENGTH)
    throw usageError(`The password needs ${String(MIN_PASSWORD_LENGTH)} characters or more.`);
  if (process.stdin.isTTY && (await readSecret('Once more: ', signal)) !== password)
    throw usageError('The two passwords differ.');
  return password;
}

async function firstLine(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) return line;
  return '';
}
