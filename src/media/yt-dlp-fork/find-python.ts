import { open } from 'node:fs/promises';
import { searchedFiles } from '../remembered-versions.ts';

/** More than the script that pip installs. */
const MAX_SCRIPT_BYTES = 2_000;
/** The script that pip writes for a program of a package: its first line names the interpreter of the environment. */
const INTERPRETER = /^#!(\/.*)$/;
const PYTHON = /\/python[\d.]*$/;
const IMPORT = 'from yt_dlp import main';

/**
 * The Python interpreter that has yt-dlp as a package; undefined when the program is no script of pip's: a binary, an archive, a
 * script of a distribution.
 * @param program a path, or a name that is searched for in the PATH
 */
export async function findYtDlpPython(program: string): Promise<string | undefined> {
  for (const candidate of searchedFiles(program)) {
    try {
      const file = await open(candidate);
      try {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_SCRIPT_BYTES), 0, MAX_SCRIPT_BYTES, 0);
        return pythonOf(buffer.toString('latin1', 0, bytesRead).split(/\r?\n/));
      } finally {
        await file.close();
      }
    } catch {
      // The next directory of the PATH may have it.
    }
  }
  return undefined;
}

function pythonOf([first = '', ...others]: readonly string[]): string | undefined {
  const [, interpreter = ''] = INTERPRETER.exec(first) ?? [];
  // A blank would begin an option.
  const isPython = PYTHON.test(interpreter) && !interpreter.includes(' ');
  return isPython && others.includes(IMPORT) ? interpreter : undefined;
}
