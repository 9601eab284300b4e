import { Router } from 'express';
import { undoSkipOperation, type BulkProgress } from '../../operations/change-matching-videos.ts';
import { showOperation, type ShownOperation } from '../../operations/show-operation.ts';
import type { ActionDependencies } from '../../operations/video-actions.ts';
import { actorOf, mayChange } from '../actor.ts';
import { sendPage } from '../page.ts';
import { readerOf } from '../reader.ts';
import { operationTitle, renderOperation } from './bulk-pages.ts';
import type { BulkRuns } from './bulk-runs.ts';

const REFRESH_SECONDS = 2;
/** A batch is noted at least this often; one that is silent for longer was cut off with its process. */
const SILENT_MS = 120_000;

export interface OperationRoutesDependencies extends ActionDependencies {
  readonly runs: BulkRuns;
}

/** Operations on many videos: their progress and result, and the undo of a skip. */
export function createOperationRoutes({ database, queues, runs }: OperationRoutesDependencies): Router {
  const router = Router();

  router.get('/:operation', async (request, response, next) => {
    const operation = await showOperation(request.params.operation, database);
    if (operation === undefined) {
      next();
      return;
    }
    const { messages } = readerOf(request);
    const state = stateOf(operation, runs);
    const body = renderOperation(operation, state, mayChange(request), messages);
    const refreshSeconds = state === 'running' ? REFRESH_SECONDS : undefined;
    sendPage(request, response, operationTitle(operation, messages), body, { refreshSeconds });
  });

  router.post('/:operation/undo', async (request, response, next) => {
    const operation = await showOperation(request.params.operation, database);
    if (operation?.operation !== 'videos.skip') {
      next();
      return;
    }
    const actor = actorOf(request);
    const run = await runs.start((operationId, signal) =>
      undoSkipOperation(operation.id, { ...actor, operationId }, { database, queues, signal }),
    );
    response.redirect(303, afterRun('/videos', run));
  });

  return router;
}

/** The page that follows an operation: the list when it is over, else its progress. */
export function afterRun(
  list: string,
  run: { readonly operationId: string; readonly isOver: boolean } | undefined,
): string {
  const join = list.includes('?') ? '&' : '?';
  if (run === undefined) return `${list}${join}notice=busy`;
  return run.isOver ? `${list}${join}operation=${run.operationId}` : `/videos/operations/${run.operationId}`;
}

/** Whether it is being done; what was cut off with its process was interrupted. */
export function stateOf({ id, progress }: ShownOperation, runs: BulkRuns): BulkProgress['state'] {
  if (progress?.state !== 'running') return progress?.state ?? 'finished';
  // Another process of the dashboard may be doing it.
  const isSilent = Date.now() - progress.at.getTime() > SILENT_MS;
  return runs.has(id) || !isSilent ? 'running' : 'interrupted';
}
