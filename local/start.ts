/** `npm start`: runs the servers that the environment does not name, a worker and the dashboard; adds playlist.txt. */
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gatherEnvironment, LOCAL_ENVIRONMENT_FILE } from '../src/config/load.ts';
import { UserError } from '../src/runtime/user-error.ts';
import { SERVER_NAMES, startServers } from './servers/start-servers.ts';
import { writeEnvironmentFile } from './start/environment-file.ts';
import { dashboardPort, startProgram, workerGraceMs } from './start/programs.ts';
import { hasPlaylistLines } from './start/playlist-file.ts';
import { claimPidFile } from './start/pid-file.ts';
import { supervise } from './start/supervise.ts';

const CHECKOUT = fileURLToPath(new URL('..', import.meta.url));
const STATE = path.join(CHECKOUT, '.sonotheque');
const ENVIRONMENT_FILE = path.join(CHECKOUT, LOCAL_ENVIRONMENT_FILE);
/** Signals this close together count as one: service managers and npm may send the same one more than once. */
const SAME_SIGNAL_MS = 500;

const say = (line: string) => {
  process.stdout.write(`${line}\n`);
};

try {
  process.exitCode = await start();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}

async function start(): Promise<number> {
  mkdirSync(STATE, { recursive: true });
  const releasePidFile = claimPidFile(path.join(STATE, 'start.pid'));
  const stop = new AbortController();
  const signals: NodeJS.Signals[] = [];
  let firstAt = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (signals.length > 0 && Date.now() - firstAt < SAME_SIGNAL_MS) return;
      // The guard ends all processes when this one has ended.
      if (signals.length > 0) process.exit(signal === 'SIGINT' ? 130 : 1);
      firstAt = Date.now();
      signals.push(signal);
      stop.abort();
    });
  }
  try {
    // A run that was killed may have left it; its servers no longer run.
    rmSync(ENVIRONMENT_FILE, { force: true });
    await run(stop.signal);
  } finally {
    rmSync(ENVIRONMENT_FILE, { force: true });
    releasePidFile();
  }
  return signals[0] === 'SIGTERM' ? 0 : signals[0] === 'SIGHUP' ? 129 : 130;
}

async function run(stop: AbortSignal): Promise<void> {
  const given = gatherEnvironment(process.env);
  const servers = await startServers({
    checkout: CHECKOUT,
    directory: path.join(STATE, 'data'),
    wanted: SERVER_NAMES,
    persistence: 'disk',
    environment: given,
    onLine: say,
  });
  try {
    if (stop.aborted) return;
    const port = await dashboardPort(given['DASHBOARD_PORT']);
    const env = { ...process.env, ...servers.variables, DASHBOARD_PORT: String(port) };
    writeEnvironmentFile(ENVIRONMENT_FILE, servers.variables);
    const logs = path.join(STATE, 'logs');
    const program = async (name: string, graceMs: number) => {
      const logFile = path.join(logs, `${name}.log`);
      const restart = () => startProgram(servers.guard, CHECKOUT, name, { env, logFile, graceMs });
      return { name, process: await restart(), restart };
    };
    const programs = await Promise.all([
      program('worker', workerGraceMs(given['SHUTDOWN_GRACE_SECONDS'])),
      program('dashboard', 10_000),
    ]);
    const supervisedServers = servers.servers.map((server) => supervise(server, stop, say));
    const supervisedPrograms = programs.map((entry) => supervise(entry, stop, say));
    say(`Dashboard: http://127.0.0.1:${port}/   logs: ${logs}   stop with Ctrl-C`);
    const playlists = given['PLAYLIST_FILE'] ?? 'playlist.txt';
    if (await hasPlaylistLines(playlists)) {
      await startProgram(servers.guard, CHECKOUT, 'enqueue', { env, graceMs: 10_000 });
    } else {
      say(`${playlists} is empty. Add playlists to it and run: npm run enqueue`);
    }
    const last = await Promise.all(supervisedPrograms);
    say('Stopping: the worker finishes its jobs or puts them back …');
    await Promise.all(last.map((process) => process?.stop() ?? Promise.resolve()));
    await Promise.all(supervisedServers);
  } finally {
    await servers.close();
  }
}
