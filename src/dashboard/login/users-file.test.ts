import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { UserError } from '../../runtime/user-error.ts';
import { parseUsers, readUsersFile, writeUsersFile } from './users-file.ts';
import { WatchedUsersFile } from './watched-users-file.ts';

const HASH = `$scrypt$ln=15,r=8,p=3$${'A'.repeat(22)}$${'A'.repeat(43)}`;

describe('the lines of a users file', () => {
  test('are read with comments, empty lines and line ends of any kind', () => {
    const { entries, problems } = parseUsers(
      `\uFEFF# users\r\n\r\nama:operator:${HASH}\r\n  Ékoé.b@x-1:viewer:${HASH}\n`,
    );
    expect(problems).toEqual([]);
    expect(entries.map(({ name, role }) => [name, role])).toEqual([
      ['ama', 'operator'],
      ['Ékoé.b@x-1', 'viewer'],
    ]);
  });

  test.each([
    [`__proto__:viewer:${HASH}`, undefined],
    [`ama:admin:${HASH}`, 'line 1: the role must be viewer or operator'],
    [`a b:viewer:${HASH}`, 'line 1: the name may have'],
    [`:viewer:${HASH}`, 'line 1: the name may have'],
    ['ama:viewer:secret', 'line 1: this is no password hash'],
    [`ama:viewer:${HASH}:more`, 'line 1: this is no password hash'],
    ['ama', 'line 1: the role must be'],
    [`ama:viewer:${HASH}\n#\nama:operator:${HASH}`, 'line 3: ama stands in the file twice'],
  ])('%j: %j', (text, problem) => {
    const { problems } = parseUsers(text);
    if (problem === undefined) expect(problems).toEqual([]);
    else expect(problems).toEqual([expect.stringContaining(problem)]);
    expect(problems.join()).not.toContain('secret');
  });
});

describe('the file', () => {
  let directory: string;
  let file: string;
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'sonotheque-users-'));
    file = path.join(directory, 'users.txt');
  });
  afterEach(async () => {
    await rm(directory, { recursive: true });
  });
  const { entries } = parseUsers(`ama:operator:${HASH}\nkofi:viewer:${HASH}`);

  test('is replaced in one step and read by its owner only, whatever it was before', async () => {
    await writeFile(file, '', { mode: 0o644 });
    await writeFile(`${file}.partial`, 'of a crash');
    await writeUsersFile(file, entries);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(directory)).toEqual(['users.txt']);
    expect(await readUsersFile(file)).toEqual(entries);
  });

  test('has no users where there is none, and says all that is wrong with it', async () => {
    expect(await readUsersFile(file)).toEqual([]);
    await writeFile(file, 'ama\nkofi:viewer:x');
    await expect(readUsersFile(file)).rejects.toThrow(/users\.txt has problems: line 1: .*; line 2: /);
    await expect(readUsersFile(directory)).rejects.toBeInstanceOf(UserError);
  });

  test('is followed while the dashboard runs; with problems in it the users before stay', async () => {
    await expect(WatchedUsersFile.open(file, undefined, () => undefined)).rejects.toThrow(
      'npm run users -- set NAME',
    );
    await writeUsersFile(file, entries);
    await expect(WatchedUsersFile.open(file, 'kofi', () => undefined)).rejects.toThrow(
      'remove one of the two',
    );
    const told: string[] = [];
    let now = 0;
    const watched = await WatchedUsersFile.open(
      file,
      'root',
      (message) => told.push(message),
      () => (now += 1_000),
    );
    expect([...(await watched.users()).keys()]).toEqual(['ama', 'kofi']);
    await writeUsersFile(file, entries.slice(0, 1));
    expect([...(await watched.users()).keys()]).toEqual(['ama']);
    await writeFile(file, 'nonsense and more');
    expect([...(await watched.users()).keys()]).toEqual(['ama']);
    expect([...(await watched.users()).keys()]).toEqual(['ama']);
    expect(told).toEqual([expect.stringContaining('The users that were read before stay.')]);
    await writeUsersFile(file, entries);
    expect([...(await watched.users()).keys()]).toEqual(['ama', 'kofi']);
  });
});
