import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parse } from 'shell-quote';
import { youtubeUrl } from '../../src/media/yt-dlp-arguments.ts';
import type { Figures } from '../support/figures.ts';
import { measureChild, type ChildFigures } from '../support/measure-child.ts';
import { watchTree } from '../support/watch-tree.ts';
import type { Recordings } from './recordings.ts';

export interface Tools {
  readonly ytDlp: string;
  readonly ffmpeg: string;
  /** For the files that they make. */
  readonly directory: string;
}

/** The same conversions without anything else: what no pipeline can do in less. */
export async function runFfmpeg({ files }: Recordings, { ffmpeg, directory }: Tools): Promise<Figures> {
  return await withOutput(directory, files.length, async (output) => {
    const pairs = files.map((file, index) => `${file}\n${path.join(output, `${String(index)}.mp3`)}`);
    const convert = `exec "$0" -nostdin -loglevel error -i "$1" -map 0:a:0 -c:a libmp3lame -b:a 320k "$2"`;
    const used = await xargs(output, pairs, 2, ['sh', '-c', convert, ffmpeg]);
    return { seconds: used.seconds, cpuSeconds: used.cpuSeconds, ffmpeg: used.cpuSeconds };
  });
}

/** What people type today. */
export async function runXargsLine(
  recordings: Recordings,
  { ytDlp, ffmpeg, directory }: Tools,
): Promise<Figures> {
  const { videoIds, extraArguments } = recordings;
  return await withOutput(directory, videoIds.length, async (output) => {
    const line = [
      ...[ytDlp, '--ignore-config', '--quiet', '--no-warnings', '--paths', output],
      // It takes a path only; a name is looked for by yt-dlp itself.
      ...(ffmpeg.includes('/') ? ['--ffmpeg-location', ffmpeg] : []),
      ...parse(extraArguments).filter((word) => typeof word === 'string'),
      ...['-x', '--audio-format', 'mp3', '--audio-quality', '320K', '--'],
    ];
    const endWatch = watchTree(process.pid);
    const used = await xargs(output, videoIds.map(youtubeUrl), 1, line);
    // Each runs ffmpeg and ffprobe before it ends, and waits for them.
    const converted = endWatch()
      .filter(
        ({ command }) =>
          command.includes(`${output} `) && !command.startsWith('xargs') && !command.startsWith('bash'),
      )
      .reduce((sum, { endedChildren }) => sum + endedChildren, 0);
    return {
      seconds: used.seconds,
      cpuSeconds: used.cpuSeconds,
      ffmpeg: converted,
      ytDlp: used.cpuSeconds - converted,
    };
  });
}

/** Runs a command for so many lines each, as many at once as there are processors. */
async function xargs(
  output: string,
  lines: readonly string[],
  linesEach: number,
  line: readonly string[],
): Promise<ChildFigures> {
  const list = path.join(output, '..', `${path.basename(output)}.list`);
  await writeFile(list, `${lines.join('\n')}\n`);
  const parallel = [`-P${String(availableParallelism())}`, '-n', String(linesEach)];
  return await measureChild('xargs', ['-a', list, '-d', '\\n', ...parallel, ...line], process.env);
}

/** @throws Error when not every file was made */
async function withOutput(
  directory: string,
  files: number,
  work: (output: string) => Promise<Figures>,
): Promise<Figures> {
  const output = await mkdtemp(path.join(directory, 'output-'));
  try {
    const figures = await work(output);
    const made = (await readdir(output)).filter((name) => name.endsWith('.mp3')).length;
    if (made !== files) throw new Error(`${String(made)} of ${String(files)} files were made.`);
    return figures;
  } finally {
    await rm(output, { recursive: true });
  }
}
