import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { RunningProgram } from '../../runtime/child-process-watchdog.ts';

/** The connections of a forked process: see fork_server.py. */
export interface ForkedConnections {
  readonly status: Socket;
  readonly stdout: Socket;
  readonly stderr: Socket;
}

/** An exit code and its line end. */
const MAX_CODE_LENGTH = 4;

/** A process that the fork server made, in the form in which `runLines` takes programs. */
export class ForkedProcess extends EventEmitter implements RunningProgram {
  readonly pid: number;
  readonly spawnfile = 'yt-dlp';
  readonly stdin = null;
  readonly stdout: Socket;
  readonly stderr: Socket;
  readonly stdio: readonly unknown[] = [];
  exitCode: number | null = null;
  signalCode: NodeJS.Signals | null = null;

  constructor(pid: number, { status, stdout, stderr }: ForkedConnections) {
    super();
    this.pid = pid;
    this.stdout = stdout;
    this.stderr = stderr;
    let code = '';
    status.on('data', (chunk: Buffer) => {
      code = (code + chunk.toString('latin1')).slice(0, MAX_CODE_LENGTH);
    });
    status.resume();
    status.on('error', () => undefined);
    status.once('close', () => {
      const [, digits] = /^(\d{1,3})\n/.exec(code) ?? [];
      if (digits === undefined) this.signalCode = 'SIGKILL';
      else this.exitCode = Number(digits);
      this.emit('exit', this.exitCode, this.signalCode);
    });
  }

  /** Sends a signal to the process itself; `runLines` sends it to its group. @returns false when it has ended */
  kill(signal: NodeJS.Signals): boolean {
    try {
      return process.kill(this.pid, signal);
    } catch {
      return false;
    }
  }
}
