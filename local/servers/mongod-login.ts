import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import mongoose from 'mongoose';
import type { GuardedProcess } from '../guard-client.ts';

/** More than a server takes that has to repair its data first. */
const START_DEADLINE_MS = 60_000;
/** MongoDB's code for a user that is there already: of a start that was interrupted, or under an older password. */
const USER_EXISTS = 51_003;

export interface MongodLogin {
  readonly user: string;
  readonly password: string;
}

export interface MakeLoginOptions {
  readonly login: MongodLogin;
  /** Remembers for which password the login was made; its directory exists. */
  readonly marker: string;
  /** Starts the server without access control, with these arguments more. */
  readonly start: (args: readonly string[]) => Promise<GuardedProcess>;
}

/**
 * Makes the login of a mongod, once for a data directory; also in data that is older than the login. For that while the server
 * has no access control, so that it listens on a socket in a directory that only this user may enter, and on no port.
 * @throws Error when the server ends or does not answer.
 */
export async function ensureMongodLogin({ login, marker, start }: MakeLoginOptions): Promise<void> {
  const made = createHash('sha256').update(`${login.user}\n${login.password}`).digest('hex');
  if (readIfThere(marker) === made) return;
  // Paths of sockets may have about 100 characters only.
  const directory = mkdtempSync(path.join(tmpdir(), 'sonotheque-mongod-'));
  try {
    const socket = path.join(directory, 'm.sock');
    const server = await start(['--bind_ip', socket, '--unixSocketPrefix', directory]);
    const client = new mongoose.mongo.MongoClient(`mongodb://${encodeURIComponent(socket)}/admin`, {
      directConnection: true,
      serverSelectionTimeoutMS: START_DEADLINE_MS,
    });
    try {
      const ended = server.ended.then(({ code, signal }) => {
        throw new Error(`mongod ended (${String(signal ?? code)}) while its login was made.`);
      });
      await Promise.race([writeUser(client, login), ended]);
    } finally {
      await client.close();
      await server.stop();
    }
    writeFileSync(marker, made, { mode: 0o600 });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function writeUser(
  client: mongoose.mongo.MongoClient,
  { user, password: pwd }: MongodLogin,
): Promise<void> {
  const roles = ['root'];
  try {
    await client.db().command({ createUser: user, pwd, roles });
  } catch (error) {
    if ((error as { code?: unknown }).code !== USER_EXISTS) throw error;
    await client.db().command({ updateUser: user, pwd, roles });
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
