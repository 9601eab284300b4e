import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, Socket, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../../runtime/child-process-environment.ts';
import { ForkedProcess, type ForkedConnections } from './forked-process.ts';

const PROGRAM = fileURLToPath(new URL('fork_server.py', import.meta.url));
/** Loading yt-dlp takes seconds on a slow machine. */
const FORK_DEADLINE_MS = 20_000;
/** A server without work is ended: it takes 50 MB. */
const IDLE_MS = 120_000;
const MAX_HEADER_BYTES = 200;

/** What a forked yt-dlp runs with. */
export interface ForkRequest {
  /** What it calls itself in its messages. */
  readonly program: string;
  readonly arguments: readonly string[];
  readonly directory: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
}

interface Fork {
  pid: number | undefined;
  readonly connections: { -readonly [Name in keyof ForkedConnections]?: ForkedConnections[Name] };
  readonly resolve: (forked: ForkedProcess | undefined) => void;
}

/** A Python process that has loaded yt-dlp and forks a process for each run. */
export class ForkServer {
  readonly #server: ChildProcess;
  readonly #directory: string;
  readonly #listener: Server;
  readonly #forks = new Map<string, Fork>();
  readonly #idle: NodeJS.Timeout;
  #isUsable = true;

  /** @param python the interpreter of a virtual environment with yt-dlp */
  constructor(python: string) {
    // Only this user may enter it.
    this.#directory = mkdtempSync(path.join(tmpdir(), 'sonotheque-yt-dlp-'));
    this.#listener = createServer((connection) => {
      this.#accept(connection);
    });
    this.#listener.on('error', () => {
      this.close();
    });
    this.#listener.listen(path.join(this.#directory, 'socket')).unref();
    this.#server = spawn(python, [PROGRAM, process.execPath, process.version], {
      cwd: '/',
      detached: true,
      env: childEnvironment(),
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#server.on('error', () => {
      this.close();
    });
    this.#server.on('exit', () => {
      this.close();
    });
    this.#server.stdin?.on('error', () => {
      this.close();
    });
    // It ends with this process, whose end closes its input, and must not keep it alive.
    this.#server.unref();
    if (this.#server.stdin instanceof Socket) this.#server.stdin.unref();
    this.#idle = setTimeout(() => {
      this.close();
    }, IDLE_MS).unref();
  }

  /** False when it has ended or was closed; runs that it started go on. */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  /** @returns undefined when no process could be made within the deadline; the server is closed then. */
  async fork(request: ForkRequest): Promise<ForkedProcess | undefined> {
    const id = randomUUID();
    const socket = path.join(this.#directory, 'socket');
    this.#idle.refresh();
    let deadline: NodeJS.Timeout | undefined;
    try {
      return await new Promise<ForkedProcess | undefined>((resolve) => {
        if (!this.#isUsable) {
          resolve(undefined);
          return;
        }
        this.#forks.set(id, { pid: undefined, connections: {}, resolve });
        deadline = setTimeout(() => {
          this.close();
        }, FORK_DEADLINE_MS);
        this.#server.stdin?.write(
          `${JSON.stringify({ id, socket, ...request, directory: request.directory ?? null })}\n`,
        );
      });
    } finally {
      clearTimeout(deadline);
      this.#forks.delete(id);
    }
  }

  /** Ends the server; forks that are asked for fail, those that run go on. */
  close(): void {
    if (!this.#isUsable) return;
    this.#isUsable = false;
    clearTimeout(this.#idle);
    this.#server.kill('SIGKILL');
    this.#listener.close();
    for (const fork of this.#forks.values()) {
      for (const connection of Object.values(fork.connections)) connection.destroy();
      fork.resolve(undefined);
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #accept(connection: Socket): void {
    connection.on('error', () => undefined);
    let header = Buffer.alloc(0);
    const read = (chunk: Buffer) => {
      header = Buffer.concat([header, chunk]);
      const end = header.indexOf(0x0a);
      if (end < 0) {
        if (header.length > MAX_HEADER_BYTES) connection.destroy();
        return;
      }
      connection.pause();
      connection.off('data', read);
      const rest = header.subarray(end + 1);
      if (rest.length > 0) connection.unshift(rest);
      this.#assign(connection, header.subarray(0, end).toString('latin1').trim().split(' '));
    };
    connection.on('data', read);
  }

  #assign(connection: Socket, [id = '', name = '', pid]: readonly string[]): void {
    const fork = this.#forks.get(id);
    if (fork === undefined || (name !== 'status' && name !== 'stdout' && name !== 'stderr')) {
      connection.destroy();
      return;
    }
    fork.connections[name] = connection;
    if (name === 'status') fork.pid = Number(pid);
    const { status, stdout, stderr } = fork.connections;
    if (fork.pid === undefined || status === undefined || stdout === undefined || stderr === undefined)
      return;
    fork.resolve(new ForkedProcess(fork.pid, { status, stdout, stderr }));
  }
}
