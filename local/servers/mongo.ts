import { mkdirSync } from 'node:fs';
import path from 'node:path';
import mongoose from 'mongoose';
import { UserError } from '../../src/runtime/user-error.ts';
import type { LocalServer } from './local-server.ts';
import { startOnFreePort } from './start-on-free-port.ts';

const DATABASE = 'sonotheque';
/** Heap of the stand-in: enough for 100,000 videos or documents and their logs. */
const STAND_IN_HEAP = '-Xmx1g';

/** A MongoDB, or the stand-in where none can be had. */
export const startMongo: LocalServer = async ({ guard, tools, directory, persistence, logFile, onLine }) => {
  const data = path.join(directory, 'mongo');
  mkdirSync(data, { recursive: true });
  const found = tools().mongo;
  if (found === undefined)
    throw new UserError('No MongoDB was set up here. Set MONGO_URL, or run: npm run demo', { exitCode: 2 });
  if (found.kind === 'stand-in')
    onLine('The database is a small stand-in for MongoDB; set MONGO_URL to use a real one.');
  const urlOf = (port: number) => `mongodb://127.0.0.1:${port}/${DATABASE}`;
  const server = await startOnFreePort({
    name: 'MongoDB',
    start: (port) => {
      const [command, args] =
        found.kind === 'mongod'
          ? [found.program, mongodArguments(data, port)]
          : [found.java, standInArguments(found.directory, port, persistence === 'disk' ? data : undefined)];
      return guard.spawnGuarded('mongo', command, args, { env: process.env, logFile });
    },
    ping: async (port) => {
      const client = new mongoose.mongo.MongoClient(urlOf(port), {
        serverSelectionTimeoutMS: 500,
        directConnection: true,
      });
      try {
        await client.db().command({ ping: 1 });
      } finally {
        await client.close();
      }
    },
  });
  return { server, variables: { MONGO_URL: urlOf(server.port) } };
};

function mongodArguments(data: string, port: number): string[] {
  return ['--dbpath', data, '--port', String(port), '--bind_ip', '127.0.0.1', '--nounixsocket', '--quiet'];
}

function standInArguments(directory: string, port: number, data: string | undefined): string[] {
  const classPath = [path.join(directory, 'classes'), path.join(directory, 'jars', '*')].join(path.delimiter);
  return [
    STAND_IN_HEAP,
    // Without memory its store closes for good while it goes on answering: better that it ends, and says why in its log.
    '-XX:+ExitOnOutOfMemoryError',
    '-XX:+UseSerialGC',
    '-cp',
    classPath,
    'sonotheque.StandIn',
    String(port),
    ...(data === undefined ? [] : [path.join(data, 'stand-in.h2')]),
  ];
}
