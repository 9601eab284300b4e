import path from 'node:path';
import { z } from 'zod';
import { runLines, spawnProgram, stoppedError } from '../runtime/child-process.ts';
import { parseJson } from '../runtime/json.ts';
import { withLimits } from '../runtime/resource-limits.ts';
import { INPUT_FORMATS } from './ffmpeg.ts';

const DEADLINE_MS = 60_000;
const MAX_OUTPUT_LENGTH = 1024 * 1024;
const MAX_TAGS = 200;
const MAX_TAG_LENGTH = 5_000;
/** It writes no files. */
const LIMITS = { fileBytes: 0, memoryBytes: 1024 ** 3, cpuSeconds: DEADLINE_MS / 1000 };

const tags = z.record(z.string(), z.string()).optional().catch(undefined);
const outputSchema = z.object({
  format: z.object({ tags }).optional(),
  streams: z.array(z.object({ tags })).optional(),
});

/**
 * Reads the tags of an audio file, of the container and of its first audio stream (Ogg keeps them there).
 * @returns by their names in lower case; none for a file that cannot be read.
 * @throws JobError when ffprobe cannot be run or the signal is aborted.
 */
export async function readFileTags(
  ffprobePath: string,
  file: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const args = [
    ...['-v', 'error', '-protocol_whitelist', 'file,pipe', '-format_whitelist', INPUT_FORMATS],
    ...['-select_streams', 'a:0', '-of', 'json', '-show_entries', 'format_tags:stream_tags'],
    `file:${path.basename(file)}`,
  ];
  let output = '';
  const call = await withLimits(ffprobePath, args, LIMITS);
  const outcome = await runLines(spawnProgram(...call, path.dirname(file)), {
    signal,
    stallMs: DEADLINE_MS,
    deadlineMs: DEADLINE_MS,
    onStdoutLine: (line) => {
      if (output.length < MAX_OUTPUT_LENGTH) output += line;
      return undefined;
    },
  });
  const stopped = stoppedError(outcome, signal, 'ffprobe');
  if (stopped !== undefined) throw stopped;
  const { data } = outputSchema.safeParse(parseJson(output));
  const found = [data?.streams?.[0]?.tags, data?.format?.tags].flatMap((each) => Object.entries(each ?? {}));
  return new Map(
    found.slice(0, MAX_TAGS).map(([name, value]) => [name.toLowerCase(), value.slice(0, MAX_TAG_LENGTH)]),
  );
}
