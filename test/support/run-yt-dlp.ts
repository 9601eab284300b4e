import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { parse } from 'shell-quote';

export interface YtDlpResult {
  readonly exitCode: number | null;
  readonly lines: readonly string[];
  /** All of standard error. */
  readonly stderr: string;
}

export interface YtDlpRun {
  /** As `YTDLP_EXTRA_ARGS`. */
  readonly extraArguments: string;
  readonly directory: string;
  /** Called for each line of standard output; `stop` ends yt-dlp. */
  readonly onLine?: (line: string, stop: () => void) => void;
}

const CLOSED_PORT = 'http://127.0.0.1:9';
const DEADLINE_MS = 50_000;

/** Runs the yt-dlp of `YTDLP_PATH` until it ends, at most to its deadline. @throws Error when it cannot be started. */
export async function runYtDlp(run: YtDlpRun, ...args: readonly string[]): Promise<YtDlpResult> {
  const extra = parse(run.extraArguments).filter((word) => typeof word === 'string');
  const child = spawn(
    process.env['YTDLP_PATH'] ?? 'yt-dlp',
    ['--ignore-config', '--no-update', '--no-plugin-dirs', '--no-cache-dir', ...extra, ...args],
    {
      // A proxy without a server: every request to another machine fails.
      env: {
        ...process.env,
        HTTP_PROXY: CLOSED_PORT,
        HTTPS_PROXY: CLOSED_PORT,
        http_proxy: CLOSED_PORT,
        https_proxy: CLOSED_PORT,
        NO_PROXY: '',
        no_proxy: '',
      },
      cwd: run.directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: DEADLINE_MS,
      killSignal: 'SIGKILL',
    },
  );
  const lines: string[] = [];
  let stderr = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    run.onLine?.(line, () => child.kill('SIGTERM'));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const { promise, resolve, reject } = Promise.withResolvers<YtDlpResult>();
  child.once('error', reject);
  child.once('close', (exitCode) => {
    resolve({ exitCode, lines, stderr });
  });
  return promise;
}
