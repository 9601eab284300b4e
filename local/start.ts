/** `npm start`: the servers that the environment does not name, a worker, the dashboard and playlist.txt; stays up. */
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gatherEnvironment, LOCAL_ENVIRONMENT_FILE } from '../src/config/load.ts';
import { UserError } from '../src/runtime/user-error.ts';
import { SERVER_NAMES, startServers } from './servers/start-servers.ts';
import { writeEnvironmentFile } from './start/environment-file.ts';
import { dashboardPort, startProgram, workerGraceMs } from './start/programs.ts';
import { hasPlaylistLines } from './start/playlist-file.ts';
import { markAsRunning } from './start/running-mark.ts';
import { supervise } from './start/supervise.ts';

const CHECKOUT = fileURLToPath(new URL('..', import.meta.url));
const STATE = path.join(CHECKOUT, '.sonotheque');
const ENVIRONMENT_FILE = path.join(CHECKOUT, LOCAL_ENVIRONMENT_FILE);
/** Signals this close together are one: service managers and npm may send the same one more than once. */
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
  const unmark = markAsRunning(path.join(STATE, 'start.pid'));
  const stop = new AbortController();
  const signals: NodeJS.Signals[] = [];
  let firstAt = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (signals.length > 0 && Date.now() - firstAt < SAME_SIGNAL_MS) return;
      // The guard ends all processes when this one is gone.
      if (signals.length > 0) process.exit(signal === 'SIGINT' ? 130 : 1);
      firstAt = Date.now();
      signals.push(signal);
      stop.abort();
    });
  }
  try {
    // Left by one that was killed: its servers are gone.
    rmSync(ENVIRONMENT_FILE, { force: true });
    await run(stop.signal);
  } finally {
    rmSync(ENVIRONMENT_FILE, { force: true });
    unmark();
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
    const program = (name: string, graceMs: number) => {
      const restart = () =>
        startProgram(servers.guard, CHECKOUT, name, {
          env,
          logFile: path.join(logs, `${name}.log`),
          graceMs,
        });
      return restart().then((started) => ({ name, process: started, restart }));
    };
    const programs = await Promise.all([
      program('worker', workerGraceMs(given['SHUTDOWN_GRACE_SECONDS'])),
      program('dashboard', 10_000),
    ]);
    const supervisedServers = servers.servers.map((server) => supervise(server, stop, say));
    const supervisedPrograms = programs.map((entry) => supervise(entry, stop, say));
    say(`Dashboard: http://127.0.0.1:${port}/   logs: ${logs}   stop with Ctrl-C`);
    const playlists = given['PLAYLIST_FILE'] ?? 'playlist.txt';
    if (hasPlaylistLines(playlists)) {
      await startProgram(servers.guard, CHECKOUT, 'enqueue', { env, graceMs: 10_000 });
    } else {
      say(`${playlists} names nothing yet. Add addresses to it and type: npm run enqueue`);
    }
    const last = await Promise.all(supervisedPrograms);
    say('Stopping: the worker finishes or puts back what it has …');
    await Promise.all(last.map((process) => process?.stop() ?? Promise.resolve()));
    await Promise.all(supervisedServers);
  } finally {
    await servers.close();
  }
}
