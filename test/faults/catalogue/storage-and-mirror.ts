import type { FaultRow } from './fault-row.ts';

const STORAGE = 'test/faults/storage.test.ts';

/** MinIO, Azure and the copies between them. */
export const STORAGE_AND_MIRROR: readonly FaultRow[] = [
  {
    number: 15,
    fault: 'MinIO is down, refuses, or resets during a body',
    injected: 'a proxy that refuses, resets and cuts',
    behaviour:
      'Retried with jitter, then through the retry queue; the staged file stays until the object is verified.',
    proofs: {
      [STORAGE]: [
        'before any data is a network failure',
        'by a %s during a read fails the read',
        'by one %s of the source does not fail a copy',
      ],
      'test/integration/stages.test.ts': [
        'does its work, records it, adds the next job and cleans up, in this order',
        'after the last attempt the job goes through the retry queue into the next round',
      ],
    },
  },
  {
    number: 16,
    fault: 'MinIO accepts the connection and never answers',
    injected: 'a proxy that forwards nothing, from the start or from some byte',
    behaviour: 'The stall limit ends the request, the job is retried, the worker is free.',
    proofs: {
      [STORAGE]: [
        'ends small calls at their deadline',
        'is reported as a stall during a read',
        'is reported as a stall during a write, and nothing is left',
        'is reported as a stall when a write is done and its response does not come',
      ],
      'src/runtime/deadline.test.ts': ['ends work that ignores its signal'],
    },
  },
  {
    number: 17,
    fault: 'MinIO answers SlowDown, or that it is full',
    injected: 'such responses, as MinIO and Azure write them',
    behaviour:
      'SlowDown is retried later; a full store pauses uploads, then downloads, and both resume by themselves.',
    proofs: {
      'src/storage/storage-errors.test.ts': ['an unavailable store is tried again'],
      'test/integration/stages.test.ts': [
        'an operator error pauses the queue, is probed, and no attempt is counted',
      ],
      'test/integration/back-pressure.test.ts': [
        'pause while staging is full, resume when uploads have freed capacity, and no attempt is counted',
      ],
    },
  },
  {
    number: 18,
    fault: 'An object arrives truncated, or with other bytes of the same length',
    injected: 'content that differs from its announced size or MD5; a proxy that cuts',
    behaviour: 'The service refuses it by its MD5, no object becomes visible, it is retried.',
    proofs: {
      [STORAGE]: ['is refused by the service', 'by being too short ends the write'],
      'test/faults/mirror-mixes.test.ts': ['%s: the container is whole at the end'],
    },
  },
  {
    number: 19,
    fault: 'An object is replaced or deleted while it is copied',
    injected: 'a second version that is put between stat and read',
    behaviour: 'Only the version of the stat is read or copied; no blob has old metadata and new bytes.',
    proofs: {
      'test/faults/changed-midway.test.ts': [
        'its blob has the metadata and the bytes of one version, and the next pass copies the new one',
        'reports an object as missing that is deleted before it is read, and writes no blob',
      ],
      'test/faults/mirror-input.test.ts': [
        'objects that are replaced and deleted while they are copied end equal, or gone',
      ],
      'test/contract/object-store.contract.ts': ['reads only the requested version'],
      'test/integration/staging-bucket.test.ts': [
        'audio that is replaced between its look-up and its copy is not copied: %s',
        'audio that is not described yet, was deleted or was replaced is not read and not uploaded',
      ],
    },
  },
  {
    number: 20,
    fault: 'Azure answers 500, 503, 429 and the like, or refuses access',
    injected: 'such responses',
    behaviour:
      'The former are retried with jitter and after Retry-After; refused access pauses with the reason.',
    proofs: {
      'src/storage/storage-errors.test.ts': [
        'an unavailable store is tried again',
        'at most 4 tries are made',
        'a short Retry-After is respected',
      ],
      'src/runtime/http-client/response-headers.test.ts': ['of %j is a delay of %j ms'],
      [STORAGE]: ['of Azure, by key or by SAS, are an operator error and stay secret'],
    },
  },
  {
    number: 21,
    fault: 'A write succeeds and its response is lost',
    injected: 'a proxy that forwards the request and drops the response',
    behaviour: 'The next attempt finds an equal object and counts it as done; nothing is written twice.',
    proofs: {
      [STORAGE]: ['after the write, with the response lost, counts as done'],
      'test/integration/staging-bucket.test.ts': ['a copy whose answer is lost is found by the next try'],
    },
  },
  {
    number: 22,
    fault: 'Azure refuses half of all requests for a while',
    injected: 'responses that say the server is busy',
    behaviour: 'Few attempts with growing delays and jitter, fewer copies at once; no burst of requests.',
    proofs: {
      'test/faults/mirror-input.test.ts': [
        'a service that refuses half of all requests gets fewer at once, and about twice as many in all',
      ],
      'test/integration/mirror-sweeps.test.ts': [
        'doubles with the successes of all, is halved once for all, and then grows by one a round',
      ],
      'src/storage/storage-errors.test.ts': ['at most 4 tries are made'],
      'src/queues/backoff.test.ts': ['stays within its limits whatever the round and the chance'],
    },
  },
  {
    number: 23,
    fault: 'Several workers copy the same object at once',
    injected: 'copies of one object started together',
    behaviour: 'One writes, the others find it equal; none fails.',
    proofs: {
      [STORAGE]: ['all copies of one object succeed and one of them writes'],
      'test/faults/mirror-input.test.ts': ['two runs at once copy everything, and neither fails'],
      'test/integration/mirror-sweeps.test.ts': ['that two workers run at once counts once'],
    },
  },
  {
    number: 24,
    fault: 'A listing fails at some page',
    injected: 'a listing that fails, or is out of order',
    behaviour:
      'The pass ends with its error and is tried again; nothing is deleted and nothing is reported as missing.',
    proofs: {
      'src/mirror/plan.test.ts': ['a listing that fails ends the plan with its error'],
      'test/faults/mirror-input.test.ts': [
        'a listing that fails on one page is followed by a pass that is whole',
      ],
      'test/integration/mirror-sweeps.test.ts': [
        'whose listing fails says that it is not all, and copies what it had found',
      ],
      'test/integration/reconcile-bucket.test.ts': ['breaks off', 'is out of order'],
      'test/integration/mirror-upkeep.test.ts': [
        'a listing that fails or lacks an object deletes nothing that is there',
      ],
    },
  },
  {
    number: 25,
    fault: 'The source bucket is empty or has a wrong name when deletes are requested',
    injected: 'a bucket without objects',
    behaviour: 'Refused, with a separate exit code.',
    proofs: {
      'test/integration/reconcile-bucket.test.ts': [
        'are not downloaded again when most are missing, unless forced',
        'a wrong bucket name starts no download',
      ],
      'test/integration/mirror-upkeep.test.ts': ['is refused by %s, and deletes nothing'],
    },
  },
  {
    number: 26,
    fault: 'Clocks that differ by a day',
    injected: 'workers and servers whose clocks differ by a day',
    behaviour:
      'Checksums, not times, decide what is copied; when a store refuses a request the error says that the clock is wrong.',
    proofs: {
      'test/faults/clock-skew.test.ts': [
        'the error names the clock that is %s as the reason why MinIO refuses',
        'the times of objects and blobs do not decide what is copied',
      ],
      'src/mirror/plan.test.ts': ['the same checked MD5, stored by another program'],
      'test/integration/egress-ledger.test.ts': [
        'uses the clock of Redis: clocks of workers that are days apart change nothing',
      ],
    },
  },
  {
    number: 27,
    fault: 'Credentials that are expired, insufficient or changed',
    injected: 'wrong keys and an expired SAS against the real servers',
    behaviour: 'The stage pauses at once with the reason; secrets are in no message and no log.',
    proofs: {
      'test/faults/operator-storage.test.ts': [
        'pause when the key becomes invalid, and resume when it is valid again',
      ],
      [STORAGE]: [
        'of MinIO are an operator error, also during a large upload, and stay secret',
        'of Azure, by key or by SAS, are an operator error and stay secret',
      ],
      'test/integration/mirror.test.ts': ['with a wrong key'],
      'src/storage/storage-errors.test.ts': ['signatures and keys are removed from texts'],
    },
  },
];
