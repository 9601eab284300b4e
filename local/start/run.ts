import { once } from 'node:events';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { gatherEnvironment, LOCAL_ENVIRONMENT_FILE } from '../../src/config/load.ts';
import { InterruptedError } from '../../src/domain/job-errors.ts';
import { SERVER_NAMES, startServers, type StartedServers } from '../servers/start-servers.ts';
import { writeEnvironmentFile } from './environment-file.ts';
import { followPlaylistFile } from './playlist-file.ts';
import { dashboardPort, startProgram, workerGraceMs } from './programs.ts';
import { supervise } from './supervise.ts';

export interface RunOptions {
  readonly checkout: string;
  /** For the data and logs. */
  readonly state: string;
  readonly stop: AbortSignal;
  readonly say: (line: string) => void;
}

/** Runs servers, worker and dashboard until the signal is aborted. @throws UserError when a server does not start. */
export async function run({ checkout, state, stop, say }: RunOptions): Promise<void> {
  const given = gatherEnvironment(process.env);
  let servers: StartedServers;
  try {
    servers = await startServers({
      checkout,
      directory: path.join(state, 'data'),
      wanted: SERVER_NAMES,
      persistence: 'disk',
      environment: given,
      onLine: say,
      signal: stop,
    });
  } catch (error) {
    if (error instanceof InterruptedError) return;
    throw error;
  }
  try {
    const port = await dashboardPort(given['DASHBOARD_PORT']);
    const env = { ...process.env, ...servers.variables, DASHBOARD_PORT: String(port) };
    writeEnvironmentFile(environmentFileOf(checkout), servers.variables);
    const logs = path.join(state, 'logs');
    const program = async (name: string, graceMs: number) => {
      const logFile = path.join(logs, `${name}.log`);
      const restart = () => startProgram(servers.guard, checkout, name, { env, logFile, graceMs });
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
    const enqueue = async () => {
      const started = await startProgram(servers.guard, checkout, 'enqueue', { env, graceMs: 10_000 });
      await Promise.race([started.ended, stopped]);
    };
    const stopped = once(stop, 'abort');
    const following = followPlaylistFile(playlists, { signal: stop, say, enqueue });
    const last = await Promise.all(supervisedPrograms);
    say('Stopping: the worker finishes its jobs or puts them back …');
    await Promise.all(last.map((process) => process?.stop() ?? Promise.resolve()));
    await following;
    await Promise.all(supervisedServers);
  } finally {
    await servers.close();
  }
}

/** Removes the file with the addresses of the servers. */
export function removeEnvironmentFile(checkout: string): void {
  rmSync(environmentFileOf(checkout), { force: true });
}

function environmentFileOf(checkout: string): string {
  return path.join(checkout, LOCAL_ENVIRONMENT_FILE);
}
