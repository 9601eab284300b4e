import type { Request } from 'express';
import { z } from 'zod';
import type { Database } from '../../database/database.ts';
import { showOperation, type ShownOperation } from '../../operations/show-operation.ts';
import { html, type Html } from '../../text/html.ts';
import type { Messages } from '../../text/messages/en.ts';
import { mayChange } from '../actor.ts';
import { readerOf } from '../reader.ts';
import { MAX_SELECTED } from './video-actions.ts';

/** Why nothing was done, as the address of the next page says it. */
const NOTICES = [
  'nothingSelected',
  'notUnderstood',
  'tooMany',
  'busy',
  'nothing',
  'audioDeleted',
  'deletionPending',
] as const;
export type Notice = (typeof NOTICES)[number];

const operationIdSchema = z.uuid();

/** `3 skipped, 1 left alone: already archived.` */
export function describeOutcomes(outcomes: ReadonlyMap<string, number>, { videos }: Messages): string {
  const texts = new Map<string, (value: number) => string>(Object.entries(videos.outcomes));
  const parts = [...outcomes].map(
    ([outcome, value]) => texts.get(outcome)?.(value) ?? videos.otherOutcome(value, outcome),
  );
  return parts.length === 0 ? videos.bulk.nothing : `${parts.join(', ')}.`;
}

/**
 * What came of the last action: the address of a page names an operation of the audit, or why nothing was done. A skip has a
 * button that undoes it.
 */
export async function renderNotice(request: Request, database: Database): Promise<Html | undefined> {
  const { messages } = readerOf(request);
  const { bulk } = messages.videos;
  const operationId = operationIdSchema.safeParse(request.query['operation']).data;
  const operation = operationId === undefined ? undefined : await showOperation(operationId, database);
  const name = NOTICES.find((known) => known === request.query['notice']);
  if (operation === undefined && name === undefined) return undefined;
  const reason = name === 'tooMany' ? bulk.tooMany(MAX_SELECTED) : name && bulk[name];
  return html`<div class="notice" role="status">
    <p>${operation === undefined ? reason : describeOutcomes(operation.outcomes, messages)}</p>
    ${operation?.canBeUndone && mayChange(request) ? renderUndo(operation, messages) : undefined}
  </div>`;
}

/** The form that undoes a skip. */
export function renderUndo({ id }: Pick<ShownOperation, 'id'>, { videos }: Messages): Html {
  return html`<form method="post" action="/videos/operations/${id}/undo">
    <button class="plain">${videos.run.undo}</button> <small>${videos.run.undoEffect}</small>
  </form>`;
}
