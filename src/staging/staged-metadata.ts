import { z } from 'zod';
import { AUDIO_SOURCES } from '../config/environment.ts';
import type { StagedAudio } from '../media/audio-provider.ts';
import { STAGED_FORMATS } from './staging-names.ts';

/** What stands beside a staged file, so that a crash before it is recorded needs no second download. */
const stagedFactsSchema = z.object({
  format: z.enum(STAGED_FORMATS),
  sizeBytes: z.number().int().positive(),
  durationSeconds: z.number().positive(),
  codec: z.string(),
  bitrate: z.number().positive(),
  sampleRate: z.number().positive(),
  channels: z.number().positive(),
  source: z.enum(AUDIO_SOURCES),
  facts: z.object({
    url: z.string(),
    title: z.string().optional(),
    author: z.string().optional(),
    channelId: z.string().optional(),
    durationSeconds: z.number().optional(),
    publishedAt: z.iso
      .datetime()
      .transform((text) => new Date(text))
      .optional(),
    thumbnail: z.string().optional(),
  }),
});

/** All of a StagedAudio but where it is. */
export type StagedFacts = Omit<StagedAudio, 'file'>;

/** The text of a facts file. */
export function writeStagedFacts(facts: StagedFacts): string {
  return `${JSON.stringify(facts)}\n`;
}

/** Reads a facts file; undefined when it is not one of this version. */
export function readStagedFacts(text: string): StagedFacts | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = stagedFactsSchema.safeParse(json).data;
  if (parsed === undefined) return undefined;
  const { facts, ...rest } = parsed;
  return {
    ...rest,
    facts: {
      url: facts.url,
      ...(facts.title === undefined ? {} : { title: facts.title }),
      ...(facts.author === undefined ? {} : { author: facts.author }),
      ...(facts.channelId === undefined ? {} : { channelId: facts.channelId }),
      ...(facts.durationSeconds === undefined ? {} : { durationSeconds: facts.durationSeconds }),
      ...(facts.publishedAt === undefined ? {} : { publishedAt: facts.publishedAt }),
      ...(facts.thumbnail === undefined ? {} : { thumbnail: facts.thumbnail }),
    },
  };
}
