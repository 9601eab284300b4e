import { z } from 'zod';
import { DOWNLOADERS, TRACK_KINDS } from '../domain/audio.ts';
import { parseJson } from '../runtime/json.ts';
import type { StagedAudio } from '../media/audio-downloader.ts';
import { peaksSchema } from '../media/peaks.ts';
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
  description: z.string().exactOptional(),
  licence: z.string().exactOptional(),
  tags: z.array(z.string()).exactOptional(),
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
  language: z.string().exactOptional(),
  trackKind: z.enum(TRACK_KINDS).exactOptional(),
  sourceFormat: z.string().exactOptional(),
  peaks: peaksSchema.exactOptional(),
};

/** The metadata file beside a staged file; with it, a crash before the file is recorded needs no second download. */
const stagedMetadataSchema = z.union([
  z.object({ ...audioFields, metadata: videoDescriptionSchema }),
  // Files of older versions, which may still wait for their upload after an update.
  z
    .object({ ...audioFields, facts: videoDescriptionSchema })
    .transform(({ facts, ...audio }) => ({ ...audio, metadata: facts })),
]);

export type StagedMetadata = Omit<StagedAudio, 'file'>;

export function formatStagedMetadata(metadata: StagedMetadata): string {
  return `${JSON.stringify(metadata)}\n`;
}

/** @returns undefined when the text is not a valid metadata file. */
export function parseStagedMetadata(text: string): StagedMetadata | undefined {
  return stagedMetadataSchema.safeParse(parseJson(text)).data;
}
