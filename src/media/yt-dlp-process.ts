import type { ChildProcess } from 'node:child_process';
import { constants, copyFile, chmod } from 'node:fs/promises';
import path from 'node:path';
import ytDlpWrap from 'yt-dlp-wrap';
import { childEnvironment } from '../runtime/child-process-environment.ts';
import { definedFields } from '../domain/defined-fields.ts';
import { runLines, type ChildOutcome, type RunLinesOptions } from '../runtime/child-process.ts';
import { forkYtDlp } from './yt-dlp-fork/fork-yt-dlp.ts';
import { OperatorError, TransientError, toError } from '../domain/job-errors.ts';

export interface SpawnOptions {
  /**
   * Further arguments, given to standard input. Every user of the machine can read the arguments of a process, and these
   * may contain passwords (YTDLP_EXTRA_ARGS) and the addresses of unlisted playlists.
   */
  readonly configuration?: readonly string[];
  readonly directory?: string;
  /** The only proxy, whatever this process's own environment says. May hold a password. */
  readonly proxy?: string | undefined;
}

interface RunOptions {
  /** All arguments. */
  readonly configuration: readonly string[];
  readonly directory?: string;
  readonly proxy?: string | undefined;
  /** `YTDLP_RESIDENT`. */
  readonly isResident: boolean;
}

/**
 * Starts yt-dlp as the leader of its own process group; call `runLines` without an `await` in between.
 * yt-dlp-wrap only starts the program: its own listeners are removed, because it splits lines and characters wrongly,
 * keeps all errors in memory and does not end descendants.
 * @throws TransientError when the system cannot start another process.
 */
export function spawnYtDlp(
  program: string,
  args: readonly string[],
  options: SpawnOptions = {},
): ChildProcess {
  const emitter = startThroughWrapper(program, args, options);
  // It emits failures of the program, which runLines handles; without a listener the event would end this process.
  emitter.on('error', () => undefined);
  const child = emitter.ytDlpProcess;
  if (child === undefined) throw new TransientError('unknown', 'yt-dlp was not started.');
  if (options.configuration !== undefined) {
    // A program that ends without reading it is reported by runLines.
    child.stdin.on('error', () => undefined);
    child.stdin.write(configurationText(options.configuration));
  }
  child.stdout.removeAllListeners('data');
  child.stderr.removeAllListeners('data');
  return child;
}

/**
 * Runs yt-dlp to its end, in a fork of a process that has loaded it where that is possible.
 * @throws as `runLines` does
 */
export async function runYtDlp(
  program: string,
  { configuration, directory, proxy, isResident }: RunOptions,
  options: RunLinesOptions,
): Promise<ChildOutcome> {
  const request = {
    program,
    arguments: ['--ignore-config', ...configuration],
    directory,
    environment: environmentFor(proxy),
  };
  const forked = isResident ? await forkYtDlp(request) : undefined;
  return await runLines(
    forked ?? spawnYtDlp(program, [], { configuration, proxy, ...definedFields({ directory }) }),
    options,
  );
}

/** What yt-dlp prints before it reads standard input. */
export const STDIN_NOTICE = 'Reading options from STDIN';

/** The text of a configuration file: arguments in quotes of a POSIX shell (`shlex.split` in yt-dlp/options.py), one a line. */
function configurationText(args: readonly string[]): string {
  return args.map((argument) => `'${argument.replaceAll("'", `'"'"'`)}'\n`).join('');
}

function startThroughWrapper(
  program: string,
  args: readonly string[],
  { directory, proxy, configuration }: SpawnOptions,
) {
  const fromStdin = configuration === undefined ? [] : ['--ignore-config', '--config-locations', '-'];
  try {
    return new ytDlpWrap.default(program).exec([...args, ...fromStdin], {
      detached: true,
      env: environmentFor(proxy),
      ...(directory === undefined ? {} : { cwd: directory }),
    });
  } catch (thrown) {
    throw new TransientError('unknown', 'The system refused to start yt-dlp.', { cause: toError(thrown) });
  }
}

function environmentFor(proxy: string | undefined): NodeJS.ProcessEnv {
  return proxy === undefined ? childEnvironment() : throughProxy(childEnvironment(), proxy);
}

/** yt-dlp reads the proxy variables like Python's urllib.request.getproxies; the JavaScript it runs needs no network. */
function throughProxy(environment: NodeJS.ProcessEnv, proxy: string): NodeJS.ProcessEnv {
  const others = Object.entries(environment).filter(([name]) => !/_proxy$/i.test(name));
  return { ...Object.fromEntries(others), ALL_PROXY: proxy };
}

/**
 * The extra arguments with each cookie file replaced by a copy in this directory. yt-dlp writes the file back when it
 * ends, so two processes with the same file would overwrite each other's cookies.
 * @throws OperatorError when the cookie file cannot be read.
 */
export async function withCopiedCookies(args: readonly string[], directory: string): Promise<string[]> {
  const copied: string[] = [];
  for (const [index, argument] of args.entries()) {
    if (args[index - 1] === '--cookies') {
      copied.push(await copyCookies(argument, directory));
    } else if (argument.startsWith('--cookies=')) {
      copied.push('--cookies', await copyCookies(argument.slice('--cookies='.length), directory));
    } else {
      copied.push(argument);
    }
  }
  return copied;
}

async function copyCookies(file: string, directory: string): Promise<string> {
  const copy = path.join(directory, 'cookies.txt');
  try {
    await copyFile(file, copy, constants.COPYFILE_FICLONE);
    await chmod(copy, 0o600);
  } catch (error) {
    throw new OperatorError(
      'cookies_unusable',
      `The cookies file ${file} of EGRESS or YTDLP_EXTRA_ARGS cannot be read.`,
      { cause: error },
    );
  }
  return copy;
}
