import { endRest } from '../../operations/end-rest.ts';
import { videoKeysInput } from '../../operations/inputs.ts';
import { retryFailedVideos, retryVideos, type RetryOutcome } from '../../operations/retry-videos.ts';
import type { VideoResult } from '../../operations/skip-videos.ts';
import { collectRetryReport, formatRetryReport } from '../../reports/retry-report.ts';
import { ERROR_CLASSES, isErrorClass } from '../../domain/error-classes.ts';
import { parseVideoDocumentId } from '../../domain/video-key.ts';
import { UserError } from '../../runtime/user-error.ts';
import { commandActor } from '../command/actor.ts';
import { parseInput } from '../command/input.ts';
import { printMessage, printResult } from '../command/output.ts';
import { usageError } from '../command/run-command.ts';
import type { CloseAtEnd } from '../command/run-command.ts';
import { commandConfig } from '../command/config.ts';
import { openServers } from '../command/servers.ts';

export interface RetryOptions {
  readonly class?: string;
  readonly all?: boolean;
  readonly endRest?: string;
  readonly limit: number;
  readonly json?: boolean;
}

/** Lists what waits for a retry and what failed, and retries failed videos. @returns the exit code */
export async function retry(
  ids: readonly string[],
  { class: errorClass, all = false, endRest: endRestOf, limit, json = false }: RetryOptions,
  signal: AbortSignal,
  closeAtEnd: CloseAtEnd,
): Promise<number> {
  const keys = ids.length === 0 ? [] : parseInput(videoKeysInput, ids);
  if (errorClass !== undefined && !isErrorClass(errorClass)) {
    const known = Object.keys(ERROR_CLASSES).join(', ');
    throw usageError(`Unknown error class ${errorClass}. Known classes: ${known}.`);
  }
  const wishes = [keys.length > 0, errorClass !== undefined, all, endRestOf !== undefined];
  if (wishes.filter(Boolean).length > 1) {
    throw usageError('Give video ids, --class, --all or --end-rest: only one of them.');
  }
  const config = commandConfig();
  const { database, queues } = await openServers(
    config,
    { name: 'sonotheque-retry', writes: wishes.some(Boolean) },
    closeAtEnd,
  );
  const dependencies = { database, queues };
  const actor = commandActor();
  if (keys.length > 0) return printRetried(await retryVideos(keys, actor, dependencies), json);
  if (all || errorClass !== undefined) {
    const revived = await retryFailedVideos(errorClass, actor, dependencies, signal);
    printResult(json, { revived }, `Retrying ${String(revived)} failed videos.`);
    return 0;
  }
  if (endRestOf !== undefined) {
    if (!(await endRest(endRestOf, actor, dependencies))) {
      throw new UserError(`Egress address ${endRestOf} does not rest. See \`npm run status\`.`);
    }
    printResult(json, { ended: endRestOf }, `Egress address ${endRestOf} may be used again.`);
    return 0;
  }
  const report = await collectRetryReport(database, queues, limit);
  printResult(json, report, formatRetryReport(report));
  return 0;
}

/** @returns the exit code: 1 when a video was not retried. */
function printRetried(results: readonly VideoResult<RetryOutcome>[], json: boolean): number {
  const idsWith = (outcome: RetryOutcome) =>
    results
      .filter((result) => result.outcome === outcome)
      .map(({ id }) => parseVideoDocumentId(id)?.videoId ?? id);
  const skipped = idsWith('skipped');
  const others = [...idsWith('refused'), ...idsWith('unknown')];
  const refused = [...others, ...skipped];
  const revived = idsWith('retried').length;
  printResult(json, { revived, refused }, `Retrying ${String(revived)} videos.`);
  if (others.length > 0) {
    printMessage(
      `Not retried, because neither failed nor waiting for a retry: ${others.join(', ')}. See \`npm run status\`.`,
    );
  }
  if (skipped.length > 0) {
    printMessage(
      `Not retried, because skipped: ${skipped.join(', ')}. \`npm run videos -- ID --unskip\` downloads them after all.`,
    );
  }
  return refused.length === 0 ? 0 : 1;
}
