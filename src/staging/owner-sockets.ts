import { rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { bootDigest, type ProcessIdentity } from '../runtime/child-owner.ts';

/**
 * Containers cannot see each other's processes, but those of one machine that share a directory can connect to each other's
 * sockets in it: the system closes a socket with its process and refuses connections from then on. The name of a socket has
 * the boot of its machine, so that nothing is concluded of processes on other machines that share the directory.
 */
const NAME = /^owner\.([0-9a-f]{8})\.\d+\.[0-9a-f]{8}\.[0-9a-f]{8}\.sock$/;

/** By directory: whether this process is announced there. */
const announced = new Map<string, Promise<void>>();

/**
 * Lets other containers of this machine know that this process lives, until it ends. Where no socket can be made (a path that
 * is too long, a file system without sockets), only the age of its directories tells them.
 */
export async function announceOwner(directory: string, identity: ProcessIdentity): Promise<void> {
  let done = announced.get(directory);
  if (done === undefined) {
    done = listenOn(await socketOf(directory, identity));
    announced.set(directory, done);
  }
  await done;
}

/** Whether a process that this one cannot see has ended; undefined when that is not known. */
export async function ownerHasEnded(
  directory: string,
  identity: ProcessIdentity,
): Promise<boolean | undefined> {
  return await isRefused(await socketOf(directory, identity));
}

/** Removes the socket of a process of this machine that has ended; those of other machines are left to them. */
export async function removeEndedSocket(directory: string, name: string): Promise<void> {
  if (NAME.exec(name)?.[1] !== (await bootDigest())) return;
  const file = path.join(directory, name);
  if ((await isRefused(file)) === true) await rm(file, { force: true });
}

async function socketOf(directory: string, { pid, space, start }: ProcessIdentity): Promise<string> {
  return path.join(directory, `owner.${await bootDigest()}.${String(pid)}.${space}.${start}.sock`);
}

async function listenOn(file: string): Promise<void> {
  await new Promise<void>((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.on('error', () => {
      resolve();
    });
    server.listen(file, resolve);
    server.unref();
  });
}

/** undefined when there is no socket, or the system says something else. */
async function isRefused(file: string): Promise<boolean | undefined> {
  return await new Promise((resolve) => {
    const socket = connect(file);
    socket.on('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'ECONNREFUSED' ? true : undefined);
    });
  });
}
