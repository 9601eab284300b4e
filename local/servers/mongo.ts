import path from 'node:path';
import mongoose from 'mongoose';
import { UserError } from '../../src/runtime/user-error.ts';
import type { LocalServer } from './local-server.ts';
import { ensureMongodLogin } from './mongod-login.ts';
import { serverEnvironment } from './server-environment.ts';

const DATABASE = 'sonotheque';
const USER = 'sonotheque';
/** Heap of the stand-in: enough for 100,000 videos or documents and their logs. */
const STAND_IN_HEAP = '-Xmx1g';

/** MongoDB with a login, or a stand-in written in Java where MongoDB cannot be installed. */
export const mongoServer: LocalServer = ({
  guard,
  tools,
  directory,
  persistence,
  credentials,
  logFile,
  onLine,
}) => {
  const { mongo } = tools();
  if (mongo === undefined)
    throw new UserError('No MongoDB was set up here. Set MONGO_URL, or run: npm run demo', { exitCode: 2 });
  if (mongo.kind === 'stand-in')
    onLine('The database is a small stand-in for MongoDB; set MONGO_URL to use a real one.');
  const login = { user: USER, password: credentials.mongoPassword };
  // The mechanism is named so that the password is never sent in another way.
  const urlOf = (port: number) =>
    `mongodb://${USER}:${login.password}@127.0.0.1:${port}/${DATABASE}?authSource=admin&authMechanism=SCRAM-SHA-256`;

  const startMongod = async (program: string, port: number) => {
    const run = (args: readonly string[]) =>
      guard.spawnGuarded('mongo', program, [...mongodArguments(directory, port), ...args], {
        env: serverEnvironment(),
        logFile,
      });
    await ensureMongodLogin({ login, marker: path.join(path.dirname(directory), 'mongo-login'), start: run });
    return await run(['--bind_ip', '127.0.0.1', '--nounixsocket', '--auth', ...WITHOUT_BYPASS]);
  };
  return {
    name: 'MongoDB',
    start: (port) =>
      mongo.kind === 'mongod'
        ? startMongod(mongo.program, port)
        : guard.spawnGuarded(
            'mongo',
            mongo.java,
            standInArguments(mongo.directory, port, persistence, directory),
            // In the environment: other users of the machine can read a process's arguments.
            { env: serverEnvironment({ STAND_IN_PASSWORD: login.password }), logFile },
          ),
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

/** Nobody may make a first user through the local address. */
const WITHOUT_BYPASS = ['--setParameter', 'enableLocalhostAuthBypass=0'];

function mongodArguments(data: string, port: number): string[] {
  return ['--dbpath', data, '--port', String(port), '--quiet'];
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
    USER,
    ...(persistence === 'memory' ? [] : [path.join(data, 'stand-in.h2')]),
  ];
}
