import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { AudioRecipe, VideoDefinition } from './definitions.ts';

const run = promisify(execFile);
const PROGRAM_TIMEOUT_MS = 120_000;
/** To be raised when the same recipe gives other bytes, so that older files are not reused. */
const RECIPE_VERSION = 1;

const infoSchema = z.object({
  durationSeconds: z.number().positive(),
  /** Hertz. */
  sampleRate: z.int().positive(),
  /** False where a tone replaces speech. */
  spoken: z.boolean(),
});

/** A generated audio file on disk, with its picture. */
export interface SampleMedia extends Readonly<z.output<typeof infoSchema>> {
  readonly file: string;
  readonly thumbnailFile: string;
  readonly sizeBytes: number;
}

export interface MediaTools {
  readonly directory: string;
  readonly ffmpegPath: string;
  readonly espeakPath: string;
}

const ffmpeg = (tools: MediaTools, ...rest: readonly string[]) =>
  run(tools.ffmpegPath, ['-hide_banner', '-nostdin', '-loglevel', 'error', '-y', ...rest], {
    timeout: PROGRAM_TIMEOUT_MS,
  });

const tone = (tools: MediaTools, toneHz: number, durationSeconds: number, wav: string) =>
  // The slow tremolo makes positions in the tone audible.
  ffmpeg(
    tools,
    ...['-f', 'lavfi', '-i', `sine=frequency=${toneHz}:sample_rate=44100:duration=${durationSeconds}`],
    ...['-af', 'tremolo=f=0.5:d=0.6', '-c:a', 'pcm_s16le', wav],
  );

/** Writes a WAV file of the recipe. @returns whether it is speech */
async function record(tools: MediaTools, recipe: AudioRecipe, wav: string): Promise<boolean> {
  if (recipe.kind === 'tone') {
    await tone(tools, recipe.toneHz, recipe.durationSeconds, wav);
    return false;
  }
  try {
    await run(tools.espeakPath, ['-v', recipe.voice, '-s', '135', '-w', wav, '--', recipe.text], {
      timeout: PROGRAM_TIMEOUT_MS,
    });
    return true;
  } catch {
    // No espeak-ng, or not this voice: a tone about as long as the speech would be.
    await tone(tools, recipe.toneHz, Math.min(24, Math.max(6, recipe.text.length / 14)), wav);
    return false;
  }
}

/**
 * The duration and sample rate of a 16-bit mono WAV file, from its size: espeak-ng writes to a stream first and may not
 * set the length in the header. The headers of both programs end before byte 80.
 */
async function measure(wav: string): Promise<{ durationSeconds: number; sampleRate: number }> {
  const handle = await open(wav);
  try {
    const header = Buffer.alloc(28);
    await handle.read(header, 0, header.length, 0);
    const sampleRate = header.readUInt32LE(24);
    const { size } = await handle.stat();
    return { sampleRate, durationSeconds: Math.round((1000 * (size - 44)) / (2 * sampleRate)) / 1000 };
  } finally {
    await handle.close();
  }
}

const ENCODERS = {
  m4a: ['-c:a', 'aac', '-b:a', '128k', '-ar', '44100', '-movflags', '+faststart', '-f', 'ipod'],
  webm: ['-c:a', 'libopus', '-b:a', '96k', '-ar', '48000', '-f', 'webm'],
} as const satisfies Record<VideoDefinition['container'], readonly string[]>;

/**
 * The audio file and picture of a recipe, made by the first call and reused by later ones and by other processes. Files
 * are named by a digest of id and recipe, because ids may differ only in letter case.
 * @throws Error when ffmpeg is missing or fails.
 */
export async function generateMedia(
  tools: MediaTools,
  videoId: string,
  container: VideoDefinition['container'],
  recipe: AudioRecipe,
): Promise<SampleMedia> {
  const name = createHash('sha256')
    .update(JSON.stringify([RECIPE_VERSION, videoId, container, recipe]))
    .digest('hex')
    .slice(0, 20);
  const base = join(tools.directory, name);
  const file = `${base}.${container}`;
  const thumbnailFile = `${base}.jpg`;
  // Written last: if it exists, the other two files are complete.
  const infoFile = `${base}.json`;
  const existing = await readFile(infoFile, 'utf8').catch(() => undefined);
  if (existing !== undefined) {
    const info = infoSchema.parse(JSON.parse(existing));
    return { file, thumbnailFile, sizeBytes: (await stat(file)).size, ...info };
  }

  await mkdir(tools.directory, { recursive: true });
  const work = join(tools.directory, `.${name}.${randomUUID()}`);
  const [wav, audio, picture, json] = [`${work}.wav`, `${work}.audio`, `${work}.jpg`, `${work}.json`];
  try {
    const spoken = await record(tools, recipe, wav);
    const measured = await measure(wav);
    await ffmpeg(tools, '-i', wav, '-ac', '2', ...ENCODERS[container], audio);
    // The digest gives each picture its own colour.
    await ffmpeg(
      tools,
      ...['-f', 'lavfi', '-i', `color=c=0x${name.slice(0, 6)}:s=640x360`],
      ...['-frames:v', '1', '-c:v', 'mjpeg', '-f', 'image2', picture],
    );
    await writeFile(json, JSON.stringify({ ...measured, spoken }));
    await rename(audio, file);
    await rename(picture, thumbnailFile);
    await rename(json, infoFile);
    return { file, thumbnailFile, sizeBytes: (await stat(file)).size, ...measured, spoken };
  } finally {
    await Promise.all([wav, audio, picture, json].map((path) => rm(path, { force: true })));
  }
}
