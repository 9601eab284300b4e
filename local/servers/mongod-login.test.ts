import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import mongoose from 'mongoose';
import type { Ending, GuardedProcess } from '../guard-client.ts';
import { ensureMongodLogin } from './mongod-login.ts';

const { BSON } = mongoose.mongo;
const OP_QUERY = 2004;
const HEADER_BYTES = 16;
const HELLO = {
  helloOk: true,
  isWritablePrimary: true,
  ismaster: true,
  maxWireVersion: 21,
  minWireVersion: 0,
  maxBsonObjectSize: 16_777_216,
  ok: 1,
};

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'sonotheque-login-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** As much of MongoDB's wire protocol as making a user takes; on the socket that the arguments name. */
function fakeMongod(users: Map<string, string>, commands: string[]) {
  const started: { readonly args: readonly string[]; readonly socketMode: number }[] = [];
  const answerTo = (command: Record<string, unknown>): Record<string, unknown> => {
    const [name = ''] = Object.keys(command);
    if (!['createUser', 'updateUser'].includes(name)) return HELLO;
    commands.push(`${name} ${String(command['$db'])} ${JSON.stringify(command['roles'])}`);
    const user = String(command[name]);
    if (name === 'createUser' && users.has(user)) return { ok: 0, code: 51_003, errmsg: 'User exists.' };
    users.set(user, String(command['pwd']));
    return { ok: 1 };
  };
  const serve = (socket: Socket) => {
    let pending = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= HEADER_BYTES && pending.length >= pending.readInt32LE(0)) {
        const length = pending.readInt32LE(0);
        socket.write(replyTo(pending.subarray(0, length), answerTo));
        pending = pending.subarray(length);
      }
    });
  };
  return {
    started,
    start: async (args: readonly string[]): Promise<GuardedProcess> => {
      const socket = args[args.indexOf('--bind_ip') + 1] ?? '';
      const server = createServer(serve);
      await new Promise<void>((resolve) => server.listen(socket, resolve));
      started.push({ args, socketMode: statSync(path.dirname(socket)).mode & 0o777 });
      const ended = Promise.withResolvers<Ending>();
      return {
        ...{ name: 'mongo', pid: 0, logFile: undefined, ended: ended.promise },
        stop: () =>
          new Promise((resolve) => {
            server.close(() => {
              ended.resolve({ code: 0, signal: null });
              resolve();
            });
          }),
      };
    },
  };
}

function replyTo(
  message: Buffer,
  answerTo: (command: Record<string, unknown>) => Record<string, unknown>,
): Buffer {
  const isQuery = message.readInt32LE(12) === OP_QUERY;
  // A query: flags, the name of a collection, two numbers; a message: flags and the kind of its section.
  const at = isQuery ? message.indexOf(0, HEADER_BYTES + 4) + 1 + 8 : HEADER_BYTES + 5;
  const body = BSON.serialize(answerTo(BSON.deserialize(message.subarray(at))));
  const before = isQuery ? Buffer.alloc(20) : Buffer.alloc(5);
  if (isQuery) before.writeInt32LE(1, 16);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeInt32LE(HEADER_BYTES + before.length + body.length, 0);
  header.writeInt32LE(message.readInt32LE(4), 8);
  header.writeInt32LE(isQuery ? 1 : message.readInt32LE(12), 12);
  return Buffer.concat([header, before, body]);
}

describe('the login of a mongod', () => {
  const login = { user: 'sonotheque', password: 'one' };

  test('is made once, over a socket that nobody else can reach, and renewed with its password', async () => {
    const users = new Map<string, string>();
    const commands: string[] = [];
    const mongod = fakeMongod(users, commands);
    const marker = path.join(directory, 'mongo-login');
    await ensureMongodLogin({ login, marker, start: mongod.start });
    expect(Object.fromEntries(users)).toEqual({ sonotheque: 'one' });
    await ensureMongodLogin({ login, marker, start: mongod.start });
    expect(mongod.started).toHaveLength(1);
    expect(readFileSync(marker, 'utf8')).not.toContain('one');
    expect(readdirSync(directory)).toEqual(['mongo-login']);

    await ensureMongodLogin({ login: { ...login, password: 'two' }, marker, start: mongod.start });
    expect(Object.fromEntries(users)).toEqual({ sonotheque: 'two' });
    expect(commands).toEqual([
      'createUser admin ["root"]',
      'createUser admin ["root"]',
      'updateUser admin ["root"]',
    ]);
    for (const { args, socketMode } of mongod.started) {
      expect(socketMode).toBe(0o700);
      expect(args).toEqual([
        '--bind_ip',
        expect.stringMatching(/\.sock$/),
        '--unixSocketPrefix',
        expect.any(String),
      ]);
      expect(JSON.stringify(args)).not.toMatch(/one|two|127\.0\.0\.1/);
    }
  }, 30_000);

  test('that cannot be made, because the server ends, is tried again at the next start', async () => {
    const marker = path.join(directory, 'mongo-login');
    const ended = Promise.resolve<Ending>({ code: 100, signal: null });
    const start = () =>
      Promise.resolve({ name: 'mongo', pid: 0, logFile: undefined, ended, stop: () => Promise.resolve() });
    await expect(ensureMongodLogin({ login, marker, start })).rejects.toThrow('mongod ended (100)');
    expect(readdirSync(directory)).toEqual([]);
  });
});
