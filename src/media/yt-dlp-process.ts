import type { ChildProcess } from 'node:child_process';
import { constants, copyFile, chmod } from 'node:fs/promises';
import path from 'node:path';
import ytDlpWrap from 'yt-dlp-wrap';
import { childEnvironment } from '../runtime/child-process-environment.ts';
import { OperatorError, TransientError, toError } from '../domain/job-errors.ts';

/** Where and through what yt-dlp runs. */
export interface SpawnOptions {
  readonly directory?: string;
  /** The only proxy, whatever this process's own environment says. May hold a password. */
  readonly proxy?: string | undefined;
}

/**
 * Starts yt-dlp as the leader of a process group of its own; follow it with `runLines` in the same turn.
 * yt-dlp-wrap only starts the program: it splits neither lines nor characters correctly, keeps all errors in
 * memory and ends no descendants, so its own listeners are taken off.
 * @throws TransientError when the system has no room for another process.
 */
export function spawnYtDlp(
  program: string,
  args: readonly string[],
  surroundings: SpawnOptions = {},
): ChildProcess {
  const emitter = startThroughWrapper(program, args, surroundings);
  // It reports failures of the program, which runLines also sees, as an event that ends us if nobody listens.
  emitter.on('error', () => undefined);
  const child = emitter.ytDlpProcess;
  if (child === undefined) throw new TransientError('unknown', 'yt-dlp was not started.');
  child.stdout.removeAllListeners('data');
  child.stderr.removeAllListeners('data');
  return child;
}

function startThroughWrapper(program: string, args: readonly string[], { directory, proxy }: SpawnOptions) {
  try {
    return new ytDlpWrap.default(program).exec([...args], {
      detached: true,
      env: proxy === undefined ? childEnvironment() : throughProxy(childEnvironment(), proxy),
      ...(directory === undefined ? {} : { cwd: directory }),
    });
  } catch (thrown) {
    throw new TransientError('unknown', 'The system did not start yt-dlp.', { cause: toError(thrown) });
  }
}

/** yt-dlp reads its proxies as Python's urllib.request.getproxies does; the JavaScript it runs needs no network. */
function throughProxy(environment: NodeJS.ProcessEnv, proxy: string): NodeJS.ProcessEnv {
  const others = Object.entries(environment).filter(([name]) => !/_proxy$/i.test(name));
  return { ...Object.fromEntries(others), ALL_PROXY: proxy };
}

/**
 * The extra arguments with each cookie file replaced by a copy in this directory. yt-dlp writes the file back when
 * it ends, so two processes with one file would spoil each other's.
 * @throws OperatorError when the cookie file cannot be read.
 */
export async function withOwnCookies(args: readonly string[], directory: string): Promise<string[]> {
  const own: string[] = [];
  for (const [index, argument] of args.entries()) {
    if (args[index - 1] === '--cookies') {
      own.push(await copyCookies(argument, directory));
    } else if (argument.startsWith('--cookies=')) {
      own.push('--cookies', await copyCookies(argument.slice('--cookies='.length), directory));
    } else {
      own.push(argument);
    }
  }
  return own;
}

async function copyCookies(file: string, directory: string): Promise<string> {
  const copy = path.join(directory, 'cookies.txt');
  try {
    await copyFile(file, copy, constants.COPYFILE_FICLONE);
    await chmod(copy, 0o600);
  } catch (error) {
    throw new OperatorError(
      'local_configuration',
      'The cookie file of EGRESS or YTDLP_EXTRA_ARGS cannot be read.',
      {
        cause: error,
      },
    );
  }
  return copy;
}
