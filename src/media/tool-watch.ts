import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { MediaConfig } from '../config/config.ts';
import { childEnvironment } from '../runtime/child-process-environment.ts';
import { checkMediaTools, type MediaToolVersions } from './preflight.ts';

type Programs = Pick<MediaConfig, 'ytDlpPath' | 'ffmpegPath' | 'ffprobePath'>;

/** Looks after programs that may be updated, broken or removed while a worker runs. */
export interface ToolWatch {
  /**
   * Runs the checks of the start again if a file of the programs is another one than at the last check that passed;
   * otherwise it costs a look at three files.
   * @throws OperatorError `tool_missing` that names what is missing or too old.
   */
  check(signal: AbortSignal): Promise<MediaToolVersions>;
}

/** Makes a watch over the programs that downloads need. */
export function createToolWatch(programs: Programs): ToolWatch {
  let checked: { readonly print: string; readonly versions: MediaToolVersions } | undefined;
  return {
    check: async (signal) => {
      const print = await fingerprint([programs.ytDlpPath, programs.ffmpegPath, programs.ffprobePath]);
      if (checked?.print === print) return checked.versions;
      checked = undefined;
      const versions = await checkMediaTools(programs, signal);
      checked = { print, versions };
      return versions;
    },
  };
}

async function fingerprint(programs: readonly string[]): Promise<string> {
  return (await Promise.all(programs.map(fingerprintOf))).join(' ');
}

async function fingerprintOf(program: string): Promise<string> {
  for (const file of placesOf(program)) {
    try {
      const { ino, size, mtimeMs, ctimeMs } = await stat(file);
      return [file, ino, size, mtimeMs, ctimeMs].join(':');
    } catch {
      // Not there: the next place of the PATH may have it.
    }
  }
  return 'missing';
}

/** Where the system looks for a program: as given when it has a directory, else along the PATH. */
function placesOf(program: string): string[] {
  if (program.includes(path.sep)) return [program];
  return (childEnvironment()['PATH'] ?? '').split(path.delimiter).map((place) => path.join(place, program));
}
