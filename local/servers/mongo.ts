import path from 'node:path';
import mongoose from 'mongoose';
import { UserError } from '../../src/runtime/user-error.ts';
import type { LocalServer } from './local-server.ts';

const DATABASE = 'sonotheque';
/** Heap of the stand-in: enough for 100,000 videos or documents and their logs. */
const STAND_IN_HEAP = '-Xmx1g';

/** MongoDB, or a stand-in written in Java where MongoDB cannot be installed. */
export const mongoServer: LocalServer = ({ guard, tools, directory, persistence, logFile, onLine }) => {
  const { mongo } = tools();
  if (mongo === undefined)
    throw new UserError('No MongoDB was set up here. Set MONGO_URL, or run: npm run demo', { exitCode: 2 });
  if (mongo.kind === 'stand-in')
    onLine('The database is a small stand-in for MongoDB; set MONGO_URL to use a real one.');
  const urlOf = (port: number) => `mongodb://127.0.0.1:${port}/${DATABASE}`;
  return {
    name: 'MongoDB',
    start: (port) => {
      const [command, args] =
        mongo.kind === 'mongod'
          ? [mongo.program, mongodArguments(directory, port)]
          : [mongo.java, standInArguments(mongo.directory, port, persistence, directory)];
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
    variables: (port) => ({ MONGO_URL: urlOf(port) }),
  };
};

function mongodArguments(data: string, port: number): string[] {
  return ['--dbpath', data, '--port', String(port), '--bind_ip', '127.0.0.1', '--nounixsocket', '--quiet'];
}

function standInArguments(
  program: string,
  port: number,
  persistence: 'disk' | 'memory',
  data: string,
): string[] {
  const classPath = [path.join(program, 'classes'), path.join(program, 'jars', '*')].join(path.delimiter);
  return [
    STAND_IN_HEAP,
    // Out of memory, its store closes for good but the server goes on answering: better that it ends, and logs why.
    '-XX:+ExitOnOutOfMemoryError',
    '-XX:+UseSerialGC',
    '-cp',
    classPath,
    'sonotheque.StandIn',
    String(port),
    ...(persistence === 'memory' ? [] : [path.join(data, 'stand-in.h2')]),
  ];
}
