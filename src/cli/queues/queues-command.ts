import { isQueueName, QUEUE_NAMES, type QueueName } from '../../domain/queues.ts';
import { endRest } from '../../operations/end-rest.ts';
import { pauseQueues, resumeQueues, WORK_QUEUES, type QueueResult } from '../../operations/pause-queues.ts';
import { readQueueStates } from '../../reports/queue-states.ts';
import { formatPausedQueues, formatQueues } from '../../reports/status-text.ts';
import { UserError } from '../../runtime/user-error.ts';
import { commandActor } from '../command/actor.ts';
import { commandConfig } from '../command/config.ts';
import { printResult } from '../command/output.ts';
import { usageError, type CloseAtEnd } from '../command/run-command.ts';
import { openServers } from '../command/servers.ts';
import type { QueuesOptions } from './queues-options.ts';

const OUTCOMES: ReadonlyMap<string, string> = new Map([
  ['paused', 'paused; jobs under way end'],
  ['already_paused', 'was paused before'],
  ['resumed', 'resumed'],
  ['not_paused', 'was not paused'],
]);

/** Shows, pauses or resumes queues, or ends a rest. @returns the exit code */
export async function queues(options: QueuesOptions, closeAtEnd: CloseAtEnd): Promise<number> {
  const { pause, resume, all = false, endRest: address, json = false } = options;
  if ([pause, resume, address].filter((wish) => wish !== undefined).length > 1) {
    throw usageError('Give --pause, --resume or --end-rest: only one of them.');
  }
  if (all && pause === undefined && resume === undefined) {
    throw usageError('--all belongs to --pause or --resume.');
  }
  const names =
    pause !== undefined
      ? chosenQueues(pause, all, WORK_QUEUES)
      : resume !== undefined
        ? chosenQueues(resume, all, QUEUE_NAMES)
        : [];
  const writes = pause !== undefined || resume !== undefined || address !== undefined;
  const dependencies = await openServers(commandConfig(), { name: 'sonotheque-queues', writes }, closeAtEnd);
  const actor = commandActor();
  if (address !== undefined) {
    if (!(await endRest(address, actor, dependencies))) {
      throw new UserError(`Egress address ${address} does not rest. See \`npm run status\`.`);
    }
    const text = `The rest of egress address ${address} has ended: its next start is a probe.`;
    printResult(json, { ended: address }, text);
    return 0;
  }
  if (pause !== undefined) return print(await pauseQueues(names, actor, dependencies), json);
  if (resume !== undefined) return print(await resumeQueues(names, actor, dependencies), json);
  const at = new Date();
  const states = await readQueueStates(dependencies.database, dependencies.queues, at);
  const text = [formatPausedQueues({ ...states, at }), formatQueues(states)].filter((part) => part !== '');
  printResult(json, states, text.join('\n\n'));
  return 0;
}

/** @throws UserError for a queue that does not exist, and where it is not clear which are meant. */
function chosenQueues(
  named: true | readonly string[],
  all: boolean,
  everything: readonly QueueName[],
): readonly QueueName[] {
  const texts = named === true ? [] : named;
  if (all === texts.length > 0) throw usageError('Name queues, or use --all.');
  const unknown = texts.filter((text) => !isQueueName(text));
  if (unknown.length > 0) {
    throw usageError(`Unknown queue ${unknown.join(', ')}. There are: ${QUEUE_NAMES.join(', ')}.`);
  }
  return all ? everything : texts.filter(isQueueName);
}

function print(results: readonly QueueResult<string>[], json: boolean): number {
  const lines = results.map(({ queue, outcome }) => `${queue}: ${OUTCOMES.get(outcome) ?? outcome}`);
  printResult(json, { queues: results }, lines.join('\n'));
  return 0;
}
