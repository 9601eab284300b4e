import { mkdtemp, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { endProcessesIn, hasEnded, ownIdentity, type ProcessIdentity } from '../runtime/child-owner.ts';
import { announceOwner, ownerHasEnded, removeEndedSocket } from './owner-sockets.ts';
import { namesIn, statIfThere, withFileErrors } from '../runtime/files.ts';
import { makeOwnDirectory, makePrivateDirectory } from './private-directory.ts';

/** The name contains the owner, so that a directory has one from the moment it exists. */
const NAME = /^job\.(\d+)\.([0-9a-f]{8})\.([0-9a-f]{8})\./;

/** Where the processes that have work directories announce themselves. */
const ownersOf = (workRoot: string) => path.join(path.dirname(workRoot), 'owners');

/** The work directories below a staging directory, on the disk of this machine: the same for both forms of staging. */
export function workDirectoriesIn(root: string) {
  const workRoot = path.join(root, 'work');
  return {
    /** Creates a directory for one job. @returns its absolute path. */
    createWorkDirectory: () =>
      withFileErrors('Creating a work directory', () => createWorkDirectory(workRoot)),
    removeWorkDirectory: (directory: string) =>
      rm(directory, { recursive: true, force: true, maxRetries: 3 }),
    pruneWorkDirectories: (olderThanMs: number) =>
      withFileErrors('Pruning the work directories', () => pruneWorkDirectories(workRoot, olderThanMs)),
  };
}

/** Creates a directory for one job, owned by this process. */
async function createWorkDirectory(workRoot: string): Promise<string> {
  await makePrivateDirectory(path.dirname(workRoot));
  await makeOwnDirectory(workRoot);
  const identity = await ownIdentity();
  const owners = ownersOf(workRoot);
  await makeOwnDirectory(owners);
  await announceOwner(owners, identity);
  const { pid, space, start } = identity;
  return await mkdtemp(path.join(await realpath(workRoot), `job.${String(pid)}.${space}.${start}.`));
}

/**
 * Removes the directories of processes that have ended, after killing the programs that still run in them, also of those in
 * other containers of this machine. Directories of other machines are removed when unchanged for this long.
 * @returns the number of removed directories.
 */
async function pruneWorkDirectories(workRoot: string, olderThanMs: number): Promise<number> {
  let removed = 0;
  for await (const name of namesIn(workRoot)) {
    const directory = path.join(await realpath(workRoot), name);
    if (!(await isAbandoned(directory, olderThanMs))) continue;
    await endProcessesIn(directory);
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    removed += 1;
  }
  const owners = ownersOf(workRoot);
  for await (const name of namesIn(owners)) await removeEndedSocket(owners, name);
  return removed;
}

async function isAbandoned(directory: string, olderThanMs: number): Promise<boolean> {
  const owner = ownerOf(path.basename(directory));
  const ended =
    owner === undefined
      ? undefined
      : ((await hasEnded(owner)) ?? (await ownerHasEnded(ownersOf(path.dirname(directory)), owner)));
  return ended ?? Date.now() - (await lastChangedAt(directory)) >= olderThanMs;
}

/** Milliseconds since the epoch; Infinity for a directory that has just been removed. */
async function lastChangedAt(directory: string): Promise<number> {
  let changedAt = (await statIfThere(directory))?.mtimeMs ?? Infinity;
  // A long download changes its file and not the directory.
  for await (const inner of namesIn(directory)) {
    changedAt = Math.max(changedAt, (await statIfThere(path.join(directory, inner)))?.mtimeMs ?? 0);
  }
  return changedAt;
}

function ownerOf(name: string): ProcessIdentity | undefined {
  const [, pid = '', space = '', start = ''] = NAME.exec(name) ?? [];
  return pid === '' ? undefined : { pid: Number(pid), space, start };
}
