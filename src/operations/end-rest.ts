import type { Database } from '../database/database.ts';
import { egressLedgerOf } from '../egress/egress-ledger.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import { audited, type Actor } from './audited.ts';

interface RestDependencies {
  readonly database: Database;
  readonly queues: JobQueues;
}

/** The queues whose jobs make starts. */
const STARTING_QUEUES = ['download', 'playlist'] as const;

/**
 * Ends the rest of an egress address now: the next start through it is a probe, and only when the site serves it again do
 * others follow. The budget and the length of the next rest stay as they are.
 * @returns false when it does not rest; safe to repeat.
 */
export async function endRest(
  address: string,
  actor: Actor,
  { database, queues }: RestDependencies,
): Promise<boolean> {
  return await audited(database, actor, { operation: 'egress.end-rest', targets: [address] }, async () => {
    const isEnded = await egressLedgerOf(queues).endRest(address);
    // The jobs that were refused are delayed until the rest would have been over: where nothing else waits, one of them
    // has to be the probe.
    if (isEnded) for (const name of STARTING_QUEUES) await queues.jobs.promoteNext(name);
    return isEnded;
  });
}
