import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { UserError } from '../../runtime/user-error.ts';
import { formatPasswordHash, parsePasswordHash } from './password-hash.ts';
import { ROLES, type UserEntry } from './user.ts';

const NAME = /^[\p{L}\p{N}._@-]{1,64}$/u;
const MAX_BYTES = 1024 * 1024;

const HEADING = '# Users of the dashboard: NAME:ROLE:HASH, written by `npm run users`.';

export function isUserName(name: string): boolean {
  return NAME.test(name);
}

/** Parses `NAME:ROLE:HASH` lines; empty lines and those that begin with `#` are left out. */
export function parseUsers(text: string): { readonly entries: UserEntry[]; readonly problems: string[] } {
  const entries = new Map<string, UserEntry>();
  const problems: string[] = [];
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const at = `line ${String(index + 1)}`;
    const [name = '', roleText = '', hashText = '', ...more] = line.split(':');
    const role = ROLES.find((each) => each === roleText);
    const hash = parsePasswordHash(hashText);
    if (!isUserName(name)) problems.push(`${at}: the name may have up to 64 letters, digits and . _ @ -`);
    else if (role === undefined) problems.push(`${at}: the role must be ${ROLES.join(' or ')}`);
    else if (hash === undefined || more.length > 0)
      problems.push(`${at}: this is no password hash; \`npm run users -- set ${name}\` writes one`);
    else if (entries.has(name)) problems.push(`${at}: ${name} stands in the file twice`);
    else entries.set(name, { name, role, hash });
  }
  return { entries: [...entries.values()], problems };
}

/**
 * The users of a file; none when it does not exist.
 * @throws UserError with all problems, each with its line.
 */
export async function readUsersFile(file: string): Promise<UserEntry[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return '';
    throw new UserError(`The users file ${file} cannot be read (${code ?? String(error)}).`, {
      cause: error,
      exitCode: 2,
    });
  });
  if (text.length > MAX_BYTES)
    throw new UserError(`The users file ${file} is larger than 1 MiB.`, { exitCode: 2 });
  const { entries, problems } = parseUsers(text);
  if (problems.length > 0)
    throw new UserError(`The users file ${file} has problems: ${problems.join('; ')}.`, { exitCode: 2 });
  return entries;
}

/** Replaces the file in one step; only its owner may read it. */
export async function writeUsersFile(file: string, entries: readonly UserEntry[]): Promise<void> {
  const lines = entries.map(({ name, role, hash }) => `${name}:${role}:${formatPasswordHash(hash)}`);
  const unfinished = `${file}.partial`;
  await rm(unfinished, { force: true });
  await writeFile(unfinished, `${[HEADING, ...lines].join('\n')}\n`, {
    mode: 0o600,
    flag: 'wx',
    flush: true,
  });
  await chmod(unfinished, 0o600);
  await rename(unfinished, file);
}
