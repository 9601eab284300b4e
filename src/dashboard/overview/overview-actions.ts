import { z } from 'zod';
import type { ConfiguredSource } from '../../collectors/configured-source.ts';
import type { Database } from '../../database/database.ts';
import { isQueueName, QUEUE_NAMES } from '../../domain/queues.ts';
import type { Actor } from '../../operations/audited.ts';
import { endRest } from '../../operations/end-rest.ts';
import { pauseQueues, resumeQueues, WORK_QUEUES } from '../../operations/pause-queues.ts';
import { runSource } from '../../operations/run-source.ts';
import { skipItem } from '../../operations/skip-item.ts';
import type { JobQueues } from '../../queues/job-queues.ts';
import { UserError } from '../../runtime/user-error.ts';
import type { Messages } from '../../text/messages/en.ts';

export interface ActionDependencies {
  readonly database: Database;
  readonly queues: JobQueues;
  /** The sources of this machine's sources file. */
  readonly loadSources: () => Promise<readonly ConfiguredSource[]>;
}

const OVERVIEW_ACTIONS = ['end-rest', 'skip-item', 'pause-queue', 'resume-queue', 'run-source'] as const;
export type OverviewActionName = (typeof OVERVIEW_ACTIONS)[number];

/** In place of the name of a queue: all of them. */
export const ALL_QUEUES = '*';

const MAX_TARGET_LENGTH = 400;

/** What the buttons of the overview send. */
export const overviewActionSchema = z.object({
  action: z.enum(OVERVIEW_ACTIONS),
  target: z.string().min(1).max(MAX_TARGET_LENGTH),
});

/** What came of an action: a text of the page that is shown next. */
export type OverviewNotice = keyof Messages['overview']['notices'];

/** What came of the last action, as the address of the page says it. */
export const noticeSchema = z.enum([
  'rest_ended',
  'not_resting',
  'skipped',
  'item_paused',
  'nothing_to_skip',
  'paused',
  'resumed',
  'not_paused',
  'run_added',
  'run_exists',
  'run_disabled',
  'no_sources',
  'unknown',
] satisfies OverviewNotice[]);

/** Does what a button asks for. All are safe to repeat. */
export async function runOverviewAction(
  { action, target }: z.output<typeof overviewActionSchema>,
  actor: Actor,
  dependencies: ActionDependencies,
): Promise<OverviewNotice> {
  switch (action) {
    case 'end-rest':
      return (await endRest(target, actor, dependencies)) ? 'rest_ended' : 'not_resting';
    case 'skip-item':
      return await skip(target, actor, dependencies);
    case 'pause-queue': {
      const names = target === ALL_QUEUES ? WORK_QUEUES : isQueueName(target) ? [target] : [];
      if (names.length === 0) return 'unknown';
      await pauseQueues(names, actor, dependencies);
      return 'paused';
    }
    case 'resume-queue': {
      const names = target === ALL_QUEUES ? QUEUE_NAMES : isQueueName(target) ? [target] : [];
      if (names.length === 0) return 'unknown';
      const results = await resumeQueues(names, actor, dependencies);
      return results.some(({ outcome }) => outcome === 'resumed') ? 'resumed' : 'not_paused';
    }
    case 'run-source':
      return await run(target, actor, dependencies);
  }
}

const RUN_NOTICES = {
  added: 'run_added',
  running: 'run_exists',
  disabled: 'run_disabled',
  unknown: 'unknown',
} as const satisfies Record<string, OverviewNotice>;

async function run(id: string, actor: Actor, dependencies: ActionDependencies): Promise<OverviewNotice> {
  try {
    const { outcome } = await runSource(id, actor, await dependencies.loadSources(), dependencies);
    return RUN_NOTICES[outcome];
  } catch (error) {
    // The dashboard may run where the sources file is not.
    if (error instanceof UserError) return 'no_sources';
    throw error;
  }
}

async function skip(item: string, actor: Actor, dependencies: ActionDependencies): Promise<OverviewNotice> {
  const outcome = await skipItem(item, actor, dependencies);
  switch (outcome) {
    case 'skipped':
      return 'skipped';
    case 'paused':
      return 'item_paused';
    case 'archived':
    case 'deleted':
    case 'forgotten':
      return 'nothing_to_skip';
    case 'unknown':
    case 'error':
      return 'unknown';
  }
}
