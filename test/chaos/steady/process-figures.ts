import { readdir, readFile } from 'node:fs/promises';

export interface ProcessFigures {
  readonly rssBytes: number;
  readonly openFiles: number;
  readonly threads: number;
}

/** Reads them from Linux's /proc (proc_pid_status(5), proc_pid_fd(5)). @throws Error when the process is gone. */
export async function readProcessFigures(pid: number): Promise<ProcessFigures> {
  const directory = `/proc/${String(pid)}`;
  const [status, files] = await Promise.all([
    readFile(`${directory}/status`, 'utf8'),
    readdir(`${directory}/fd`),
  ]);
  return {
    rssBytes: numberIn(status, /^VmRSS:\s+(\d+) kB$/m) * 1024,
    openFiles: files.length,
    threads: numberIn(status, /^Threads:\s+(\d+)$/m),
  };
}

function numberIn(status: string, pattern: RegExp): number {
  const digits = pattern.exec(status)?.[1];
  if (digits === undefined) throw new Error(`The status of the process has no ${pattern.source}.`);
  return Number(digits);
}
