import { SECONDS_A_VIDEO, type ScaleInputs } from './scale-inputs.ts';

/** MP3 of 320 kbps. */
const BYTES_A_SECOND = 40_000;
export const MEGABYTES_A_VIDEO = (SECONDS_A_VIDEO * BYTES_A_SECOND) / 1e6;
/** EGRESS_BUDGET_PER_HOUR. */
export const STARTS_AN_HOUR = 300;
/** In which everything shall be archived. */
export const DAYS = 90;
export const STEPS = [
  { name: '1 ×', videos: 10_000, workers: 1 },
  { name: '10 ×', videos: 100_000, workers: 10 },
  { name: '100 ×', videos: 1_000_000, workers: 100 },
  { name: '1,000 ×', videos: 10_000_000, workers: 1_000 },
] as const;
/** Jobs that ended and are kept, of each of the three stages (`src/queues/catalogue.ts`). */
export const KEPT_JOBS = 3 * 5_000;
export const LOGS_A_VIDEO = 3;
/** Of an index, by a MongoDB that has it in memory; an assumption, since the stand-in has no such walk. */
export const KEYS_COUNTED_A_SECOND = 2_000_000;

/** What one step needs; durations in seconds. */
export function needs(inputs: ScaleInputs, { videos, workers }: (typeof STEPS)[number]) {
  const { bytes: size, indexBytes } = inputs;
  const addresses = Math.ceil(videos / (STARTS_AN_HOUR * 24 * DAYS));
  const slow = (addresses * STARTS_AN_HOUR) / 3_600;
  const fast = workers / inputs.cpuSecondsAVideo;
  return {
    addresses,
    /** Videos a second that the addresses allow, and that so many processors make, one for each worker. */
    slow,
    fast,
    oneAddressSeconds: (videos / STARTS_AN_HOUR) * 3_600,
    audioBytes: videos * MEGABYTES_A_VIDEO * 1e6,
    transcodeSeconds: videos * inputs.cpuSecondsAVideo,
    allJobsBytes: videos * size.job,
    recordBytes: videos * (size.mirrored + size.item + LOGS_A_VIDEO * size.attempt),
    indexBytes: videos * (indexBytes.mirrored + indexBytes.item + LOGS_A_VIDEO * indexBytes.attempt),
    reconcileSeconds: videos * inputs.reconcileSecondsAVideo,
    countSeconds: videos / KEYS_COUNTED_A_SECOND,
    /** What the sums of hours and bytes read. */
    summedBytes: videos * size.mirrored,
    listSeconds: (videos * inputs.listMsAnObject) / 1_000,
    connections: workers * inputs.redisConnectionsAWorker,
  };
}
