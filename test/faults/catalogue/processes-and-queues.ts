import type { FaultRow } from './fault-row.ts';

/** Workers that are killed, Redis and MongoDB that fail. */
export const PROCESSES_AND_QUEUES: readonly FaultRow[] = [
  {
    number: 1,
    fault: 'The download worker is killed with SIGKILL while yt-dlp runs',
    injected: 'kill -9 of a real worker during a slow transfer of the sample channel',
    behaviour: 'Its child processes end too, its work directory is removed, the job runs again.',
    proofs: {
      'test/faults/children.test.ts': [
        'during a download: the guard ends them, the next start cleans up, the job is done once',
        'during a conversion: processes that ignore SIGTERM and their own children end as well',
        'together with its guard: the next worker ends them before it starts',
      ],
      'test/e2e/pipeline.test.ts': [
        'SIGKILL: another worker takes over the job and the video is stored once',
      ],
      'src/runtime/child-owner-guard.test.ts': [
        'ends the held groups when their owner is killed, also those that ignore SIGTERM, and no released ones',
      ],
      'src/staging/directory-staging.test.ts': [
        'of a process that has ended are removed at once, after the programs that still run in them',
      ],
      'test/integration/reconcile-staging.test.ts': [
        'work directories of lost workers are removed, those in use stay',
      ],
    },
    note: 'Kills at random times over many items: `npm run chaos`.',
  },
  {
    number: 2,
    fault: 'SIGKILL between the finished file and the upload job',
    injected: 'a worker process that kills itself at an exact call of one of its parts',
    behaviour: 'The staged file is found and uploaded; nothing is downloaded again.',
    proofs: {
      'test/faults/crash-points.test.ts': [
        'the file is staged, before the attempt is logged',
        'the download is logged, before the video is marked',
        'the video is marked as downloaded, before its upload job is added',
        'the upload job is added, before the download job is finished',
        'the audio is half sent to staging',
        'the audio is half sent to staging, in parts',
        'the audio is in the bucket, before it is described',
        'the audio is described, before its download ends',
      ],
      'test/faults/two-hosts.test.ts': [
        'STAGING=s3: one host downloads, another one uploads; both are killed at random moments and nothing is lost',
      ],
    },
    note: 'With `STAGING=s3` audio that was not described yet is downloaded again: [both forms](staging.md).',
  },
  {
    number: 3,
    fault: 'SIGKILL of the upload worker during a PUT, or after it and before its record',
    injected: 'the same worker, killed during the transfer, before and after each step',
    behaviour:
      'The object is absent or complete; a second run sends nothing that exists; leftover parts are removed.',
    proofs: {
      'test/faults/crash-points.test.ts': [
        'the object is half sent',
        'the object is put, before the attempt is logged',
        'the upload is logged, before the video is marked',
        'the video is marked as stored, before its sync job is added',
        'the sync job is added, before the staged file is deleted',
        'the staged file is deleted, before the upload job is finished',
        'the object is about to be copied',
        'the object is half copied',
        'the object is copied, before the attempt is logged',
        'the description of the staged audio is deleted, before the audio',
      ],
      'test/integration/storage-large.test.ts': [
        'are sent to MinIO in parts, after parts of earlier attempts are removed, and only once',
      ],
    },
  },
  {
    number: 4,
    fault: 'SIGKILL of the sync worker before or after Azure has the blob, before its record',
    injected: 'the same worker',
    behaviour: 'The next run finds an equal blob and only records it.',
    proofs: {
      'test/faults/crash-points.test.ts': [
        'the blob is about to be sent',
        'the blob is half sent',
        'the blob is committed, before the attempt is logged',
        'the sync is logged, before the video is marked',
        'the video is marked as mirrored, before the sync job is finished',
      ],
    },
  },
  {
    number: 5,
    fault: 'SIGTERM, as in a deploy',
    injected: 'the signal, sent to a real worker during a download',
    behaviour:
      'No more jobs are taken; active jobs finish or wait again within the grace time, with no attempt counted; exit 0.',
    proofs: {
      'test/e2e/pipeline.test.ts': [
        'SIGTERM: child processes end, the job waits again with no attempt counted, exit 0, and another worker continues',
      ],
      'test/integration/stages.test.ts': [
        'an interrupted job is aborted and waits again, with no attempt counted',
      ],
      'test/faults/shutdown.test.ts': [
        'interrupts its jobs at once after a second signal: they wait again, no attempt counted, exit 1',
        'finishes jobs that end within the grace time',
        'ends although a job ignores its signal: exit 1 with the reason',
        'exits with 0 while it waits for a Redis that is down',
      ],
    },
  },
  {
    number: 6,
    fault: 'A job that kills its worker every time',
    injected: 'a video whose download kills the process, beside others that do not',
    behaviour: 'After a few starts it fails with its reason, and the others continue.',
    proofs: {
      'test/faults/poison.test.ts': [
        'is started four times, the last time alone, and goes to the retry queue; the other jobs continue',
        'fails with its reason after three such rounds',
        'stopping workers repeatedly fails no job',
      ],
    },
  },
  {
    number: 7,
    fault: 'The event loop is blocked for longer than the lock of a job',
    injected: 'a loop that keeps the process busy',
    behaviour: 'The job may run twice; the late result changes nothing.',
    proofs: {
      'test/faults/crash-points-blocked.test.ts': [
        'another worker takes over from one whose event loop was blocked for longer than its lock, and the late result changes nothing',
      ],
      'test/integration/stages.test.ts': [
        'that runs again after its result was recorded only adds the next job again',
      ],
    },
  },
  {
    number: 8,
    fault: 'Redis is killed with SIGKILL and restarted with its append-only file, or replaced by its replica',
    injected:
      'three kills of a separate Redis while jobs are added and processed; a kill of the master behind sentinels, and of a node of a cluster',
    behaviour:
      'No acknowledged job is lost; the workers resume by themselves. With no server left commands end within seconds.',
    proofs: {
      'test/faults/redis-outage.test.ts': ['loses no acknowledged job, and the workers resume by themselves'],
      'test/integration/redis-sentinel.test.ts': [
        'the master is killed: workers go on with the replica, and no job is lost',
        'with neither a server nor a sentinel left commands end within seconds',
      ],
      'test/integration/redis-cluster.test.ts': [
        'the work goes on with the replica, and no job is lost; with no node left, commands and connections end within seconds',
        'a new connection to a cluster that is away fails within seconds as well',
      ],
    },
  },
  {
    number: 9,
    fault: 'Redis loses all data',
    injected: 'FLUSHALL, or jobs removed directly in Redis',
    behaviour: 'Pending jobs are restored from MongoDB, staging and bucket, without duplicates.',
    proofs: {
      'test/faults/redis-loss.test.ts': [
        'FLUSHALL while workers run: reconcile adds the jobs again, and every video is mirrored once',
        'FLUSHALL without workers, then a loss of MongoDB: the command restores all records and jobs',
      ],
      'test/integration/reconcile-videos.test.ts': [
        'gets its missing job again, once',
        'gets its retry job again with the remaining delay',
        'two passes at once over many videos add each job once',
      ],
    },
  },
  {
    number: 10,
    fault: 'Redis is full and evicts nothing',
    injected: 'CONFIG SET maxmemory',
    behaviour:
      'Workers pause with the reason, at most one log line a second; they resume by themselves when there is memory.',
    proofs: {
      'test/faults/operator-redis.test.ts': [
        'is reported by producers, pauses workers with few log lines, and work resumes when there is memory',
        'loses no job that finishes while it is full, and counts none as failed',
      ],
      'src/runtime/rate-limited-log.test.ts': ['logs once a second, with the number of calls left out'],
    },
  },
  {
    number: 11,
    fault: 'Redis with a wrong policy, without its append-only file, or too old',
    injected: 'CONFIG SET, and a server that reports such values',
    behaviour: 'A warning that names the setting, at start, in the status and by the doctor.',
    proofs: {
      'test/faults/operator-redis.test.ts': [
        'gives a warning when a worker starts and in the status, and is used nevertheless',
      ],
      'src/reports/status-text.test.ts': [
        'a pause of several workers is shown once, with its duration, item, reason and advice; so is a warning',
      ],
    },
  },
  {
    number: 12,
    fault: 'A worker loses its connection to Redis for longer than its lock',
    injected: 'a proxy that forwards nothing while a job is active',
    behaviour:
      'Another worker does the job; both results give one object and one record; the late result changes nothing.',
    proofs: {
      'test/faults/redis-outage.test.ts': [
        'another one does its job; its late result changes nothing, and it continues to work',
      ],
    },
  },
  {
    number: 13,
    fault: 'MongoDB is down at start or during work',
    injected: 'a separate database that is not started yet, or killed and restarted',
    behaviour:
      'At start: not ready, waits. Later: queues pause, jobs wait with no attempt counted, and work resumes by itself.',
    proofs: {
      'test/faults/mongo-outage.test.ts': [
        'at start and during work: the worker waits, no attempt is counted, and work resumes by itself',
      ],
    },
  },
  {
    number: 14,
    fault: 'MongoDB is slow, or two clients write one key at once',
    injected: 'a proxy that delays every chunk; many clients that write the same video at once',
    behaviour: 'Slow calls still succeed; there is one document.',
    proofs: {
      'test/faults/mongo-outage.test.ts': [
        'a slow MongoDB is waited for; when many write one video there is one document and one winner',
      ],
      'test/integration/local-servers.test.ts': ['the database gives a document to one of many clients'],
      'test/integration/producer-schedule.test.ts': [
        'several at once, with shared videos, give each video one job',
      ],
    },
    note: 'A step-down of the primary needs a replica set, which a small machine does not run; for a client it looks like row 13.',
  },
];
