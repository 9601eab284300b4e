import { about, bytes, duration, number } from './quantities.ts';
import { costs } from './scale-costs.ts';
import { SECONDS_A_VIDEO, type ScaleInputs } from './scale-inputs.ts';
import {
  DAYS,
  KEPT_JOBS,
  KEYS_COUNTED_A_SECOND,
  LOGS_A_VIDEO,
  MEGABYTES_A_VIDEO,
  needs,
  STARTS_AN_HOUR,
  STEPS,
} from './scale-steps.ts';

/** docs/scale.md: what grows with the archive, computed from what was measured. */
export function scalePage(inputs: ScaleInputs): string {
  const steps = STEPS.map((step) => ({ ...step, ...needs(inputs, step) }));
  type Step = (typeof steps)[number];
  const line = (name: string, computed: string, cell: (step: Step) => string) =>
    `| ${name} | ${computed} | ${steps.map(cell).join(' | ')} |`;
  const [, ten, hundred, thousand] = steps;
  if (ten === undefined || hundred === undefined || thousand === undefined)
    throw new Error('A step is missing.');
  const redisMost = 1_000 / inputs.redisMsAnItem;
  const mongoMost = 1_000 / inputs.mongoMsAnItem;
  return `# Scale: what breaks first

What happens at 10, 100 and 1,000 times the size of an archive of 10,000 videos. The figures are computed from what \`npm run bench\`
measured ([performance.md](performance.md)); this page is written by \`node bench/report/main.ts\` from the same results. What is assumed
is marked so. Results have two digits: they say which limit comes first, not when to the day.

## What was measured

| figure | value | by |
| --- | ---: | --- |
| a video that waits, in MongoDB (BSON) | ${number(inputs.bytes.waiting)} B, index keys ${number(inputs.indexBytes.waiting)} B | \`backlog\` |
| a mirrored video, with a description of 840 characters | ${number(inputs.bytes.mirrored)} B, index keys ${number(inputs.indexBytes.mirrored)} B | \`backlog\` |
| a row in \`logs\`; a video that succeeds at once has ${String(LOGS_A_VIDEO)} | ${number(inputs.bytes.attempt)} B, index keys ${number(inputs.indexBytes.attempt)} B | \`backlog\` |
| a place in a playlist | ${number(inputs.bytes.item)} B, index keys ${number(inputs.indexBytes.item)} B | \`backlog\` |
| a waiting job in Redis, with its place in the queue | ${number(inputs.bytes.job)} B | \`backlog\` |
| an object in a listing of MinIO | ${about(inputs.listMsAnObject * 1_000)} µs | \`backlog\` |
| reconcile, for each waiting video | ${about(inputs.reconcileSecondsAVideo * 1_000)} ms; ${number(inputs.reconcileMegabytes)} MB with ${number(inputs.reconcileVideos)} | \`backlog\` |
| Redis, for each video through all stages | ${number(inputs.redisCommandsAnItem)} commands, ${about(inputs.redisMsAnItem)} ms of CPU | \`scale\` |
| MongoDB, for each video through all stages | ${about(inputs.mongoMsAnItem)} ms of CPU | \`scale\` |
| connections to Redis of a worker process for four queues | ${about(inputs.redisConnectionsAWorker)} | \`scale\` |
| yt-dlp, ffmpeg and worker, for a video of ${String(SECONDS_A_VIDEO / 60)} minutes | ${about(inputs.cpuSecondsAVideo)} s of CPU | \`transcode\` |

Index keys are counted before MongoDB compresses their common beginnings, records before it compresses them (snappy makes text about
half as large), so real ones are smaller. Where the stand-in for MongoDB was measured (performance.md says so), a real one takes less CPU.

Assumed: a video lasts ${String(SECONDS_A_VIDEO / 60)} minutes and is an MP3 of 320 kbps (${about(MEGABYTES_A_VIDEO)} MB); an address may make ${String(STARTS_AN_HOUR)} starts an hour (\`EGRESS_BUDGET_PER_HOUR\`); everything shall be
archived in ${String(DAYS)} days; a worker process has one processor; MongoDB counts ${number(KEYS_COUNTED_A_SECOND)} keys of an index a second.

## What each step needs

| | computed as | ${steps.map(({ name }) => name).join(' | ')} |
| --- | --- | ${steps.map(() => '---:').join(' | ')} |
${[
  line('videos', 'assumed', ({ videos }) => number(videos)),
  line('worker processes', 'assumed', ({ workers }) => number(workers)),
  line('hours of audio', 'videos × 4 min', ({ videos }) => about((videos * SECONDS_A_VIDEO) / 3_600)),
  line('audio, in each of MinIO and Azure', `videos × ${about(MEGABYTES_A_VIDEO)} MB`, ({ audioBytes }) =>
    bytes(audioBytes),
  ),
  line('time with one address', `videos ÷ ${String(STARTS_AN_HOUR)} an hour`, ({ oneAddressSeconds }) =>
    duration(oneAddressSeconds),
  ),
  line(
    `addresses for ${String(DAYS)} days`,
    `videos ÷ (${String(STARTS_AN_HOUR)} × 24 × ${String(DAYS)})`,
    ({ addresses }) => number(addresses),
  ),
  line(
    'videos a second, as those addresses allow',
    `addresses × ${String(STARTS_AN_HOUR)} ÷ 3,600`,
    ({ slow }) => about(slow),
  ),
  line('processors for that', 'videos a second × CPU s', ({ slow }) => about(slow * inputs.cpuSecondsAVideo)),
  line('videos a second, all workers busy', 'workers ÷ CPU s', ({ fast }) => about(fast)),
  line('addresses for that', 'videos a second × 3,600 ÷ 300', ({ fast }) =>
    about((fast * 3_600) / STARTS_AN_HOUR),
  ),
  line('Redis, a job for each waiting video', 'videos × bytes of a job', ({ allJobsBytes }) =>
    bytes(allJobsBytes),
  ),
  line('Redis, finished jobs that are kept', `${number(KEPT_JOBS)} × bytes of a job`, () =>
    bytes(KEPT_JOBS * inputs.bytes.job),
  ),
  line('Redis commands a second, all workers busy', 'videos a second × commands', ({ fast }) =>
    about(fast * inputs.redisCommandsAnItem),
  ),
  line('processors of Redis, all workers busy', 'videos a second × CPU ms', ({ fast }) =>
    about((fast * inputs.redisMsAnItem) / 1_000),
  ),
  line('connections to Redis', 'workers × connections', ({ connections }) => about(connections)),
  line('MongoDB, records', 'videos × (video + place + 3 rows)', ({ recordBytes }) => bytes(recordBytes)),
  line('MongoDB, index keys', 'the same of the keys', ({ indexBytes }) => bytes(indexBytes)),
  line('processors of MongoDB, all workers busy', 'videos a second × CPU ms', ({ fast }) =>
    about((fast * inputs.mongoMsAnItem) / 1_000),
  ),
  line('reconcile, all videos waiting', 'videos × ms', ({ reconcileSeconds }) => duration(reconcileSeconds)),
  line(
    'counting all videos by status',
    `videos ÷ ${number(KEYS_COUNTED_A_SECOND)} a second`,
    ({ countSeconds }) => duration(countSeconds),
  ),
  line('read for the sums of hours and bytes', 'videos × bytes', ({ summedBytes }) => bytes(summedBytes)),
  line('listing the bucket', 'videos × µs', ({ listSeconds }) => duration(listSeconds)),
  line(
    'MinIO, written and read, all workers busy',
    `videos a second × 2 × ${about(MEGABYTES_A_VIDEO)} MB`,
    ({ fast }) => `${bytes(fast * 2 * MEGABYTES_A_VIDEO * 1e6)}/s`,
  ),
].join('\n')}

## 10 ×: ${number(ten.videos)} videos, ${number(ten.workers)} workers

**The address breaks first.** One address takes ${duration(ten.oneAddressSeconds)}, whatever the number of workers; ${about(ten.slow)} videos a second need ${about(ten.slow * inputs.cpuSecondsAVideo)} processors, so that most of
ten workers would wait. Redis and MongoDB are small. Then the embedded servers: the stand-in for MongoDB has a heap of 1 GB against ${bytes(ten.recordBytes + ten.indexBytes)}
of records and keys, and finds by most fields only by reading all records.

Change: a real MongoDB (\`MONGO_URL\`); as many addresses in \`EGRESS\` as are at hand; workers by the number of processors that the addresses
feed, not more.

## 100 ×: ${number(hundred.videos)} videos, ${number(hundred.workers)} workers

**Addresses, then disks.** ${number(hundred.addresses)} addresses for ${String(DAYS)} days; the audio is ${bytes(hundred.audioBytes)} in the bucket, more than one disk and more than one wants to restore from
one copy. All workers busy would be ${about(hundred.fast)} videos a second, which ${about((hundred.fast * 3_600) / STARTS_AN_HOUR)} addresses would have to allow.
A job in Redis for each waiting video would be ${bytes(hundred.allJobsBytes)}: so it has
only those of the next downloads, and MongoDB the rest ([why](decisions/012-backlog-and-turns.md)).
The index keys of MongoDB, ${bytes(hundred.indexBytes)}, should fit into its memory: beyond it a page of a list reads the disk. A pass of reconcile over so many
waiting videos takes ${duration(hundred.reconcileSeconds)}, a listing of the bucket ${duration(hundred.listSeconds)}: both fit between two passes only with longer intervals.
Status, pages and metrics take as long as with few: a count of all videos takes ${duration(hundred.countSeconds)}, so the last one is shown with its time ([why](decisions/013-counts-with-an-age.md)).

Change: MinIO over several disks and hosts, with erasure coding; a MongoDB replica set with memory for the indexes; workers on several hosts,
with \`STAGING=s3\`; \`RECONCILE_INTERVAL_SECONDS\` and \`RECONCILE_BUCKET_INTERVAL_SECONDS\` several times as long as a pass; \`sync\` workers on
several hosts for the sweeps, which are divided into shards.

## 1,000 ×: ${number(thousand.videos)} videos, ${number(thousand.workers)} workers

**Addresses again: ${number(thousand.workers)} workers have nothing to do.** ${number(thousand.addresses)} addresses allow ${about(thousand.slow)} videos a second, which ${about(thousand.slow * inputs.cpuSecondsAVideo)} processors make. Only sources without
such a budget (episodes, files that are imported, the profile \`original\`) can feed ${number(thousand.workers)} workers, with ${about(thousand.fast)} videos a second. Then:

- **Redis** executes its commands one after the other, on one processor. It is full at about ${about(redisMost)} videos a second; ${about(thousand.fast)} would take ${about((thousand.fast * inputs.redisMsAnItem) / 1_000)} processors.
  In a cluster all keys of an archive are on one node, since their prefix is a hash tag: a cluster spreads archives, not the jobs of one. Change: fewer
  commands for each video; then several archives, each with its own prefix or Redis.
- **Connections**: ${about(thousand.connections)} of workers alone, against the 10,000 that Redis takes by default (\`maxclients\`). Change: one kind of queue for each process, more
  jobs at once in each process and fewer processes.
- **MongoDB** is full at about ${about(mongoMost)} videos a second for each processor; its index keys are ${bytes(thousand.indexBytes)}, its records ${bytes(thousand.recordBytes)}. Change: a host with that much memory, or shards by
  \`_id\` (each hot path names one); rows of \`logs\` that are removed after some months (now they stay for ever: ${bytes(thousand.videos * LOGS_A_VIDEO * (inputs.bytes.attempt + inputs.indexBytes.attempt))} of the whole).
- **Passes over everything**: reconcile ${duration(thousand.reconcileSeconds)}, a listing of the bucket ${duration(thousand.listSeconds)}, with one process each. The sums of hours and bytes read ${bytes(thousand.summedBytes)}
  of records; they rest 20 times as long as they take. A count by status takes ${duration(thousand.countSeconds)}, so what pages show may be ${duration(20 * thousand.countSeconds)} old. Change: passes in
  shards as the sweeps of the mirror are, or that read only what changed.
- **MinIO** would write and read ${bytes(thousand.fast * 2 * MEGABYTES_A_VIDEO * 1e6)} a second and hold ${bytes(thousand.audioBytes)}: tens of hosts. The mirror sends half of that to Azure.

## What 1,000 hours cost

${costs(inputs)}
`;
}
