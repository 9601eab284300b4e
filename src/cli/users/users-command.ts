import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import { gatherEnvironment } from '../../config/load.ts';
import { hashPassword } from '../../dashboard/login/password-hash.ts';
import type { UserEntry } from '../../dashboard/login/user.ts';
import { isUserName, readUsersFile, writeUsersFile } from '../../dashboard/login/users-file.ts';
import { readSecret } from '../command/read-secret.ts';
import { printResult } from '../command/output.ts';
import { usageError } from '../command/run-command.ts';
import { userPath } from '../command/user-path.ts';
import type { UsersAction, UsersOptions } from './users-options.ts';

const MIN_PASSWORD_LENGTH = 8;

/** Lists, sets and removes users of the dashboard. @returns the exit code */
export async function users(
  action: UsersAction,
  name: string | undefined,
  flags: UsersOptions,
  signal: AbortSignal,
): Promise<number> {
  const file =
    flags.file === undefined ? gatherEnvironment(process.env)['DASHBOARD_USERS_FILE'] : userPath(flags.file);
  if (file === undefined) throw usageError('Name the users file with --file, or set DASHBOARD_USERS_FILE.');
  const found = await readUsersFile(file);
  const print = (entries: readonly UserEntry[], text: string) => {
    printResult(flags.json, { file, users: entries.map(({ name, role }) => ({ name, role })) }, text);
  };
  if (action === 'list') {
    if (name !== undefined || flags.role !== undefined) throw usageError('list takes no name and no role.');
    const lines = found.map(({ name, role }) => `${role.padEnd(8)}  ${name}`);
    print(found, lines.length === 0 ? `There are no users in ${file}.` : lines.join('\n'));
    return 0;
  }
  if (name === undefined || !isUserName(name))
    throw usageError(`${action} needs a name: up to 64 letters, digits and . _ @ -`);
  const existing = found.find((user) => user.name === name);
  const others = found.filter((user) => user !== existing);
  if (action === 'remove') {
    if (existing === undefined) throw usageError(`There is no user ${name} in ${file}.`);
    await writeUsersFile(file, others);
    print(others, `${name} was removed. Sessions of that name have ended.`);
    return 0;
  }
  const hash = await hashPassword(await readPassword(name, signal));
  const changed: UserEntry = { name, role: flags.role ?? existing?.role ?? 'viewer', hash };
  const all =
    existing === undefined ? [...found, changed] : found.map((user) => (user === existing ? changed : user));
  await writeUsersFile(file, all);
  print(
    all,
    existing === undefined
      ? `${name} was added as ${changed.role}.`
      : `${name} is ${changed.role} with a new password. Sessions with the old one have ended.`,
  );
  return 0;
}

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
