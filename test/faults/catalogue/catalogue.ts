import type { FaultRow } from './fault-row.ts';
import { FILES_AND_INPUT } from './files-and-input.ts';
import { PROCESSES_AND_QUEUES } from './processes-and-queues.ts';
import { STORAGE_AND_MIRROR } from './storage-and-mirror.ts';

/** Every fault that must do no harm, in order. */
export const FAULTS: readonly FaultRow[] = [
  ...PROCESSES_AND_QUEUES,
  ...STORAGE_AND_MIRROR,
  ...FILES_AND_INPUT,
];
