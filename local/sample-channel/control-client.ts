import { z } from 'zod';
import type { ControlAction } from './control.ts';

const TIMEOUT_MS = 10_000;
const count = z.int().min(0);
const logSchema = z.object({
  counts: z.record(z.string(), z.object({ player: count, media: count, thumbnail: count })),
  requests: z.array(
    z.object({
      kind: z.enum(['resolve', 'browse', 'player', 'media', 'thumbnail', 'other']),
      videoId: z.string().optional(),
      playlistId: z.string().optional(),
      page: z.int().optional(),
      range: z.string().optional(),
      at: z.number(),
    }),
  ),
});
/** What a sample channel in another process has been asked for. */
export type RequestReport = z.output<typeof logSchema>;

/** Tells a sample channel to do something. @throws Error with its reason when it refuses. */
export async function tellSampleChannel(controlUrl: string, action: ControlAction): Promise<void> {
  const response = await fetch(controlUrl, {
    method: 'POST',
    body: JSON.stringify(action),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`the sample channel refused: ${await response.text()}`);
}

/** Reads the log of a sample channel. */
export async function readSampleChannelRequests(controlUrl: string): Promise<RequestReport> {
  const response = await fetch(controlUrl, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  return logSchema.parse(await response.json());
}
