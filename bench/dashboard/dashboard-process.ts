import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';

const COMMAND = path.join(import.meta.dirname, '../../src/cli/dashboard.ts');

/** A dashboard in a process of its own, as people run it. */
export interface DashboardProcess {
  readonly url: string;
  /** The memory of the process now, in MB. */
  megabytes(): Promise<number>;
  /** The CPU time that it has used, in seconds. */
  cpuSeconds(): Promise<number>;
  stop(): Promise<void>;
}

/** @throws Error when it ends before it listens */
export async function startDashboardProcess(
  variables: Readonly<Record<string, string | undefined>>,
): Promise<DashboardProcess> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', COMMAND], {
    env: {
      ...process.env,
      ...variables,
      DASHBOARD_PORT: '0',
      DASHBOARD_HOST: '127.0.0.1',
      LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await addressOf(child);
  const read = async (file: string) => await readFile(`/proc/${String(child.pid)}/${file}`, 'utf8');
  return {
    url,
    megabytes: async () => {
      const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(await read('status')) ?? [];
      return Math.round(Number(kilobytes) / 1024);
    },
    cpuSeconds: async () => {
      // proc(5): user and system time are the fields 14 and 15, in hundredths of a second.
      const fields = (await read('stat')).split(') ').at(-1)?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) / 100;
    },
    stop: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

async function addressOf({ stdout, exitCode }: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let output = '';
  // It is read to its end: a program whose output nobody takes ends.
  stdout?.on('data', (chunk) => {
    output += String(chunk);
    const [, url] = /Dashboard: (\S+)/.exec(output) ?? [];
    if (url !== undefined) resolve(url);
  });
  stdout?.once('close', () => {
    reject(new Error(`The dashboard ended before it listened (${String(exitCode)}).`));
  });
  return await promise;
}
