import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { AudioRecipe, VideoDefinition } from './definitions.ts';

const run = promisify(execFile);
const PROGRAM_TIMEOUT_MS = 120_000;
/** Raised when the same recipe gives other bytes, so that older files are not taken for them. */
const RECIPE_VERSION = 1;

const factsSchema = z.object({
  durationSeconds: z.number().positive(),
  sampleRate: z.int().positive(),
  spoken: z.boolean(),
});

/** One generated audio file on disk, with its picture. */
export interface SampleMedia {
  readonly file: string;
  readonly thumbnailFile: string;
  readonly sizeBytes: number;
  readonly durationSeconds: number;
  /** Hertz. */
  readonly sampleRate: number;
  /** False where a tone stands in for a voice. */
  readonly spoken: boolean;
}

/** Where the generated files live and which programs make them. */
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
  // The slow tremolo gives the tone a beginning and a middle to hear.
  ffmpeg(
    tools,
    ...['-f', 'lavfi', '-i', `sine=frequency=${toneHz}:sample_rate=44100:duration=${durationSeconds}`],
    ...['-af', 'tremolo=f=0.5:d=0.6', '-c:a', 'pcm_s16le', wav],
  );

/** Writes the recipe as a WAV file; says whether a voice was heard. */
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
    // No synthesiser, or not this voice: a tone about as long as the reading is distinct enough.
    await tone(tools, recipe.toneHz, Math.min(24, Math.max(6, recipe.text.length / 14)), wav);
    return false;
  }
}

/**
 * Length and rate of a 16-bit mono WAV, from its size: espeak-ng writes to a stream first and may leave the
 * length in the header open. The header of both programs ends before byte 80.
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
 * Returns the audio file and picture of a recipe, made on the first call and reused by every later one and by
 * other processes. Files are named by a digest of id and recipe, as ids may differ by letter case alone.
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
  // Written last, so that its presence says that the other two are whole.
  const factsFile = `${base}.json`;
  const existing = await readFile(factsFile, 'utf8').catch(() => undefined);
  if (existing !== undefined) {
    const facts = factsSchema.parse(JSON.parse(existing));
    return { file, thumbnailFile, sizeBytes: (await stat(file)).size, ...facts };
  }

  await mkdir(tools.directory, { recursive: true });
  const work = join(tools.directory, `.${name}.${randomUUID()}`);
  const [wav, audio, picture, json] = [`${work}.wav`, `${work}.audio`, `${work}.jpg`, `${work}.json`];
  try {
    const spoken = await record(tools, recipe, wav);
    const measured = await measure(wav);
    await ffmpeg(tools, '-i', wav, '-ac', '2', ...ENCODERS[container], audio);
    // The digest gives each picture a colour of its own.
    await ffmpeg(
      tools,
      ...['-f', 'lavfi', '-i', `color=c=0x${name.slice(0, 6)}:s=640x360`],
      ...['-frames:v', '1', '-c:v', 'mjpeg', '-f', 'image2', picture],
    );
    await writeFile(json, JSON.stringify({ ...measured, spoken }));
    await rename(audio, file);
    await rename(picture, thumbnailFile);
    await rename(json, factsFile);
    return { file, thumbnailFile, sizeBytes: (await stat(file)).size, ...measured, spoken };
  } finally {
    await Promise.all([wav, audio, picture, json].map((path) => rm(path, { force: true })));
  }
}
