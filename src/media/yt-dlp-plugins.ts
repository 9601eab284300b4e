import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { OperatorError } from '../domain/job-errors.ts';

/** The folder of a plugin in which yt-dlp looks for modules. */
const MODULES = 'yt_dlp_plugins';
/** A plugin may also be an archive with that folder in it; only its name is looked at here. */
const ARCHIVES = new Set(['.zip', '.egg', '.whl']);

/**
 * The arguments that let yt-dlp load the plugins of a directory, which are programs and run with its rights. Without a
 * directory there are none: `ytDlpArguments` allows no plugins.
 * @throws OperatorError when the directory cannot be read, of which yt-dlp only shows a stack trace.
 */
export async function pluginArguments(directory: string | undefined): Promise<readonly string[]> {
  if (directory === undefined) return [];
  try {
    await readdir(directory);
  } catch (error) {
    throw new OperatorError(
      'local_configuration',
      `The directory of YTDLP_PLUGIN_DIR cannot be read: ${directory}`,
      { cause: error },
    );
  }
  return ['--plugin-dirs', directory];
}

/**
 * The names of the plugins in a directory: its subdirectories with a `yt_dlp_plugins` folder, and its archives.
 * @throws Error when the directory cannot be read.
 */
export async function findPlugins(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory);
  const found = await Promise.all(
    names.map(async (name) => {
      if (ARCHIVES.has(path.extname(name))) return [name];
      const inside = await readdir(path.join(directory, name)).catch((): string[] => []);
      return inside.includes(MODULES) ? [name] : [];
    }),
  );
  return found.flat().sort();
}
