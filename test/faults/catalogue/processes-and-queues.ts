import type { FaultRow } from './fault-row.ts';

/** Workers that die, Redis and MongoDB that go away. */
export const PROCESSES_AND_QUEUES: readonly FaultRow[] = [
  {
    number: 1,
    fault: 'The download worker is killed with SIGKILL while yt-dlp runs',
    injected: 'kill -9 of a real worker in the middle of a slow transfer of the sample channel',
    behaviour: 'The programs it started die too, its work directory goes, the job is done once more.',
    proofs: {
      'test/faults/children.test.ts': [
        'in the middle of a download: the guard ends them, the next start tidies up, the job is done once',
        'in the middle of a conversion: stubborn ones and their own children end as well',
        'together with its guard: the next worker ends them before it begins',
      ],
      'test/e2e/pipeline.test.ts': [
        'SIGKILL: another worker takes the job over and the video is stored once',
      ],
      'src/runtime/child-owner-guard.test.ts': [
        'ends held groups when their owner is killed, stubborn ones too, and leaves released ones alone',
      ],
      'src/staging/staging.test.ts': [
        'of a process that has ended they go at once, with the programs that still run in them',
      ],
      'test/integration/reconcile-staging.test.ts': [
        'work directories of dead workers go, those in use stay',
      ],
    },
    note: 'Kills at random times over many items: `npm run chaos`.',
  },
  {
    number: 2,
    fault: 'SIGKILL between the finished file and the upload job',
    injected: 'a worker process that kills itself at an exact call of one of its parts',
    behaviour: 'The staged file is found and goes on to its upload; nothing is downloaded again.',
    proofs: {
      'test/faults/crash-points.test.ts': [
        'the file is staged, the attempt not yet logged',
        'the download is logged, the fact not yet written',
        'the download is written down, the upload job not yet added',
        'the upload job is added, the download job not yet finished',
      ],
    },
  },
  {
    number: 3,
    fault: 'SIGKILL of the upload worker in the middle of a PUT, or after it and before its record',
    injected: 'the same worker, killed while bytes move, before and after each step',
    behaviour: 'The object is absent or whole; a second run sends nothing that is there; parts left over go.',
    proofs: {
      'test/faults/crash-points.test.ts': [
        'the object is half sent',
        'the object is put, the attempt not yet logged',
        'the upload is logged, the fact not yet written',
        'the upload is written down, the sync job not yet added',
        'the sync job is added, the staged file not yet deleted',
        'the staged file is deleted, the upload job not yet finished',
      ],
      'test/integration/storage-large.test.ts': [
        'go to MinIO in parts, after what earlier attempts left is removed, and only once',
      ],
    },
  },
  {
    number: 4,
    fault: 'SIGKILL of the sync worker before or after Azure has the blob, before its record',
    injected: 'the same worker',
    behaviour: 'The next run finds the blob equal and only writes that down.',
    proofs: {
      'test/faults/crash-points.test.ts': [
        'the blob is about to be sent',
        'the blob is half sent',
        'the blob is committed, the attempt not yet logged',
        'the mirror is logged, the fact not yet written',
        'the mirror is written down, the sync job not yet finished',
      ],
    },
  },
  {
    number: 5,
    fault: 'SIGTERM, as in a deploy',
    injected: 'the signal, sent to a real worker with a download under way',
    behaviour:
      'No more jobs are taken; those at work end or go back uncounted within the grace time; exit 0.',
    proofs: {
      'test/e2e/pipeline.test.ts': [
        'SIGTERM: children end, the job is back uncounted, exit 0, and another worker goes on',
      ],
      'test/integration/stages.test.ts': [
        'an interrupted job goes back to waiting, uncounted, and its work was told to stop',
      ],
      'test/faults/shutdown.test.ts': [
        'a second signal interrupts the jobs at once: back to waiting, uncounted, exit 1',
        'what ends within the grace time is done, and is not interrupted',
        'a job that does not listen cannot keep it: exit 1 with the reason',
        'while it waits for a Redis that is away it ends well',
      ],
    },
  },
  {
    number: 6,
    fault: 'A job that kills its worker every time',
    injected: 'a video whose download kills the process, beside others that do not',
    behaviour: 'After a few starts it is set aside with its reason, and the others go on.',
    proofs: {
      'test/faults/poison.test.ts': [
        'is started four times, the last time alone, and goes to the retry queue; the others go on',
        'has failed, with its reason, after three such rounds',
        'workers that are stopped give nothing up, however often',
      ],
    },
  },
  {
    number: 7,
    fault: 'The event loop stands still for longer than the lock of a job',
    injected: 'a loop that keeps the process busy',
    behaviour: 'The job may run twice; the second run does no harm.',
    proofs: {
      'test/faults/crash-points-blocked.test.ts': [
        'a worker whose event loop stood still for longer than its lock is overtaken, and does no harm when it wakes',
      ],
      'test/integration/stages.test.ts': [
        'a job run again after its fact was written does no work and repeats the hand-over',
      ],
    },
  },
  {
    number: 8,
    fault: 'Redis is killed with SIGKILL and comes back with its append-only file',
    injected: 'three kills of a Redis of the test’s own while jobs are added and worked on',
    behaviour: 'No job that was acknowledged is lost; the workers go on by themselves.',
    proofs: {
      'test/faults/redis-outage.test.ts': [
        'loses no job that it had taken, and the workers go on by themselves',
      ],
    },
  },
  {
    number: 9,
    fault: 'Redis comes back empty',
    injected: 'FLUSHALL, or jobs removed behind the program’s back',
    behaviour: 'What is pending is rebuilt from MongoDB, staging and bucket, without a duplicate.',
    proofs: {
      'test/faults/redis-loss.test.ts': [
        'FLUSHALL under running workers: they rebuild their own work, and everything is mirrored once',
        'FLUSHALL without workers, then a loss of MongoDB: the command rebuilds all of it',
      ],
      'test/integration/reconcile-videos.test.ts': [
        'gets a missing job back, once',
        'gets its wait back for the time that is left',
        'two at once, over many videos, add each job once',
      ],
    },
  },
  {
    number: 10,
    fault: 'Redis is full and evicts nothing',
    injected: 'CONFIG SET maxmemory',
    behaviour:
      'Workers pause and say why, at most a line a second; all goes on by itself when there is memory.',
    proofs: {
      'test/faults/operator-redis.test.ts': [
        'is said by producers, pauses workers without a flood of lines, and is got over',
        'a job that ends while it is full is not lost and not counted as failed',
      ],
      'src/runtime/flood-gate.test.ts': ['one call a second passes and tells how many did not'],
    },
  },
  {
    number: 11,
    fault: 'Redis with a wrong policy, without its append-only file, or too old',
    injected: 'CONFIG SET, and a server that says so of itself',
    behaviour: 'A loud warning that names the setting, at start, in the status and by the doctor.',
    proofs: {
      'test/faults/operator-redis.test.ts': [
        'is warned of by a worker that starts and by the status, and used all the same',
      ],
      'src/reports/status-text.test.ts': [
        'a pause of several workers is shown once, with since when, reason and advice; so is a warning',
      ],
    },
  },
  {
    number: 12,
    fault: 'A worker is cut off from Redis for longer than its lock, then back',
    injected: 'a proxy that passes nothing on while a job is at work',
    behaviour:
      'Another worker does the job; both ends make one object and one record; the late result counts nothing.',
    proofs: {
      'test/faults/redis-outage.test.ts': [
        'another one does its job; what it brings later changes nothing, and it works on',
      ],
    },
  },
  {
    number: 13,
    fault: 'MongoDB is away at start, or goes away in the middle',
    injected: 'a database of the test’s own that is not started yet, or killed and started again',
    behaviour:
      'At start: not ready, waits. Later: intake pauses, jobs wait uncounted, all goes on by itself.',
    proofs: {
      'test/faults/mongo-outage.test.ts': [
        'at start and in the middle: the worker waits, no attempt is spent, and all goes on by itself',
      ],
    },
  },
  {
    number: 14,
    fault: 'MongoDB is slow, or two writers race for one key',
    injected: 'a proxy that delays every piece; many clients that write the same video at once',
    behaviour: 'Slow calls still succeed; there is one document.',
    proofs: {
      'test/faults/mongo-outage.test.ts': [
        'a slow MongoDB is waited for; of many who write one video there is one document and one winner',
      ],
      'test/integration/local-servers.test.ts': ['the database lets one of many clients have a document'],
      'test/integration/producer-schedule.test.ts': [
        'several at once, with shared videos, give each video one job',
      ],
    },
    note: 'A step-down of the primary needs a replica set, which a small machine does not run; it looks like row 13 to a client.',
  },
];
