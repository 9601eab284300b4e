import type { FaultRow } from './fault-row.ts';

const STORAGE = 'test/faults/storage.test.ts';

/** MinIO, Azure and what goes wrong between them. */
export const STORAGE_AND_MIRROR: readonly FaultRow[] = [
  {
    number: 15,
    fault: 'MinIO is down, refuses, or resets in the middle of a body',
    injected: 'a proxy that refuses, resets and cuts',
    behaviour:
      'Tried again with jitter, then through the retry queue; the staged file stays until it is verified.',
    proofs: {
      [STORAGE]: [
        'before anything is a network failure',
        'by a %s midway is an error of the read',
        'by one %s of the source does not spoil a copy',
      ],
      'test/integration/stages.test.ts': [
        'work, fact, next job, clean-up: in that order',
        'spent attempts lead through the retry queue into the next round',
      ],
    },
  },
  {
    number: 16,
    fault: 'MinIO takes the connection and never answers',
    injected: 'a proxy that passes nothing on, from the start or midway',
    behaviour: 'The stall limit ends it, the job is tried again, the worker is free.',
    proofs: {
      [STORAGE]: [
        'ends small calls in time',
        'is a stall in the middle of a read',
        'is a stall in the middle of a write, and nothing is left',
        'is a stall when a write is done and its answer stays away',
      ],
      'src/runtime/deadline.test.ts': ['ends work that ignores its signal'],
    },
  },
  {
    number: 17,
    fault: 'MinIO says SlowDown, or that it is full',
    injected: 'the answers themselves, as MinIO and Azure word them',
    behaviour:
      'SlowDown is tried again later; a full store pauses uploads, then downloads, and both go on by themselves.',
    proofs: {
      'src/storage/retries.test.ts': ['an unavailable store is asked again'],
      'test/integration/stages.test.ts': [
        'a fault for a person pauses the intake, is probed, and no attempt is counted',
      ],
      'test/integration/back-pressure.test.ts': [
        'stop while staging is full, go on when uploads make room, and no attempt is counted',
      ],
    },
  },
  {
    number: 18,
    fault: 'An object arrives cut short, or with other bytes of the same length',
    injected: 'content that differs from its announced size or MD5; a proxy that cuts',
    behaviour: 'The service refuses it by its MD5, nothing becomes visible, it is tried again.',
    proofs: { [STORAGE]: ['is refused by the service', 'and is too short ends the write'] },
  },
  {
    number: 19,
    fault: 'An object is replaced or deleted while it is copied',
    injected: 'a second version put between looking and reading',
    behaviour: 'Only the version that was looked at is read; never a blob with old facts and new bytes.',
    proofs: {
      'test/faults/changed-midway.test.ts': [
        'its blob has the facts and the bytes of one version, and the next pass brings the new one',
        'one that is deleted before it is read is told as missing, and no blob comes of it',
      ],
      'test/contract/object-store.contract.ts': ['reads one version only when asked so'],
    },
  },
  {
    number: 20,
    fault: 'Azure answers 500, 503, 429 and the like, or refuses access',
    injected: 'the answers themselves',
    behaviour:
      'The former are tried again with jitter and as Retry-After says; refused access pauses and says why.',
    proofs: {
      'src/storage/retries.test.ts': ['an unavailable store is asked again', 'but not for ever'],
      'src/storage/storage-errors.test.ts': ['Retry-After is read as seconds or as a date'],
      [STORAGE]: ['of Azure, by key or by SAS, are an operator failure and stay secret'],
    },
  },
  {
    number: 21,
    fault: 'A write is done and its answer is lost',
    injected: 'a proxy that lets the request through and drops the answer',
    behaviour: 'The next try finds the object equal and counts it as done; nothing is written twice.',
    proofs: { [STORAGE]: ['after the write, so that the answer is lost, counts as done'] },
  },
  {
    number: 22,
    fault: 'Azure refuses half of all requests for a while',
    injected: 'answers that say the store is busy',
    behaviour: 'Few tries with growing, jittered pauses; no storm.',
    proofs: {
      'src/storage/retries.test.ts': ['but not for ever'],
      'src/queues/backoff.test.ts': ['stays within its limits whatever the round and the chance'],
    },
  },
  {
    number: 23,
    fault: 'Several copy the same object at once',
    injected: 'copies of one object started together',
    behaviour: 'One writes, the others find it equal; no error comes up.',
    proofs: { [STORAGE]: ['copies of one object all succeed and one of them writes'] },
  },
  {
    number: 24,
    fault: 'A listing breaks off at some page',
    injected: 'a listing that fails, or is out of order',
    behaviour: 'The pass ends with its error; nothing is deleted and nothing taken for missing.',
    proofs: {
      'src/mirror/plan.test.ts': ['a listing that fails ends the plan with its error'],
      'test/integration/reconcile-bucket.test.ts': ['breaks off', 'is out of order'],
    },
  },
  {
    number: 25,
    fault: 'The source bucket is empty or wrongly named when deletes are asked for',
    injected: 'a bucket without objects',
    behaviour: 'Refused, with an exit code of its own.',
    proofs: {
      'test/integration/reconcile-bucket.test.ts': [
        'are left alone when most are missing, unless it is forced',
        'a wrong bucket name starts nothing',
      ],
    },
    note: 'The mirror deletes nothing at all so far; its guards come and are tested with `npm run sync -- --delete`. What is proven here is that reconcile does not take a wrong or emptied bucket for the loss of everything.',
  },
  {
    number: 26,
    fault: 'Clocks that are a day apart',
    injected: 'workers, and servers, whose clocks differ by a day',
    behaviour:
      'What to copy is decided by checksums and not by times; a store that refuses says that the clock is wrong.',
    proofs: {
      'test/faults/clock-skew.test.ts': [
        'a clock that is %s is named as the reason why MinIO refuses',
        'the times of objects and blobs decide nothing',
      ],
      'src/mirror/plan.test.ts': ['the same checked MD5, put there by another program'],
      'test/integration/egress-ledger.test.ts': [
        'it goes by the clock of Redis: clocks of workers that are days apart change nothing',
      ],
    },
  },
  {
    number: 27,
    fault: 'Credentials that are expired, insufficient or changed',
    injected: 'wrong keys and an expired SAS against the real servers',
    behaviour: 'The stage pauses at once and says why; secrets are in no message and no log.',
    proofs: {
      'test/faults/operator-storage.test.ts': ['pause when the key is no longer good, and go on when it is'],
      [STORAGE]: [
        'of MinIO are an operator failure, also in the middle of a large upload, and stay secret',
        'of Azure, by key or by SAS, are an operator failure and stay secret',
      ],
      'test/integration/mirror.test.ts': ['with a wrong key'],
      'src/storage/storage-errors.test.ts': ['signatures and keys are taken out of texts'],
    },
  },
];
