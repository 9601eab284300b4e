import { z } from 'zod';
import { DOWNLOADERS } from '../domain/audio.ts';
import type { StagedAudio } from '../media/audio-downloader.ts';
import { STAGED_FORMATS } from './staging-names.ts';

const videoDescriptionSchema = z.object({
  url: z.string(),
  title: z.string().exactOptional(),
  author: z.string().exactOptional(),
  channelId: z.string().exactOptional(),
  durationSeconds: z.number().exactOptional(),
  publishedAt: z.iso
    .datetime()
    .transform((text) => new Date(text))
    .exactOptional(),
  thumbnail: z.string().exactOptional(),
});

const audioFields = {
  format: z.enum(STAGED_FORMATS),
  sizeBytes: z.number().int().positive(),
  durationSeconds: z.number().positive(),
  codec: z.string(),
  bitrate: z.number().positive(),
  sampleRate: z.number().positive(),
  channels: z.number().positive(),
  source: z.enum(DOWNLOADERS),
};

/** What stands beside a staged file, so that a crash before it is recorded needs no second download. */
const stagedMetadataSchema = z.union([
  z.object({ ...audioFields, metadata: videoDescriptionSchema }),
  // As it was written before it was called metadata: such files may still wait when the program is updated.
  z
    .object({ ...audioFields, facts: videoDescriptionSchema })
    .transform(({ facts, ...audio }) => ({ ...audio, metadata: facts })),
]);

/** All of a StagedAudio but where it is. */
export type StagedMetadata = Omit<StagedAudio, 'file'>;

/** The text of a metadata file. */
export function writeStagedMetadata(metadata: StagedMetadata): string {
  return `${JSON.stringify(metadata)}\n`;
}

/** Reads a metadata file; undefined when it is not one. */
export function readStagedMetadata(text: string): StagedMetadata | undefined {
  try {
    return stagedMetadataSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
