import type { Messages } from '../../text/messages/en.ts';
import { plainText } from '../../text/plain-text.ts';

/** A part of a source (feed, city, page …) that was not read since a time. */
export interface UnreadPart {
  readonly name: string;
  readonly since: Date;
  /** What the last run says of it. */
  readonly note: string;
}

/** Why a source is not `ok`. Error messages and notes are in English. */
export type HealthCause =
  | { readonly kind: 'disabled'; readonly reason: string }
  | { readonly kind: 'never_collected' | 'nothing_ever' }
  | { readonly kind: 'late' | 'nothing_new'; readonly limitHours: number }
  | { readonly kind: 'failure'; readonly class: string; readonly message: string }
  | { readonly kind: 'parts_unread'; readonly parts: readonly UnreadPart[]; readonly all: number }
  | {
      readonly kind: 'parts_unread_for_long';
      readonly parts: readonly UnreadPart[];
      readonly limitHours: number;
    }
  | { readonly kind: 'all_rejected'; readonly items: number }
  | { readonly kind: 'partial'; readonly note: string };

/** The rest is in the report. */
const MAX_NAMED_PARTS = 3;
const MAX_NOTE_LENGTH = 120;

/** The cause in words, and what to do about it. */
export function describeCause(cause: HealthCause, messages: Messages): string {
  const { causes } = messages.health;
  switch (cause.kind) {
    case 'disabled':
      return describeDisabled(cause.reason, messages);
    case 'never_collected':
      return causes.neverCollected;
    case 'nothing_ever':
      return causes.nothingEver;
    case 'late':
      return causes.late(cause.limitHours);
    case 'nothing_new':
      return causes.nothingNew(cause.limitHours);
    case 'failure':
      return `${cause.message} ${messages.advice(cause.class)}`;
    case 'parts_unread':
      return `${causes.parts(cause.parts.length, cause.all)} ${describeParts(cause.parts, messages)}`;
    case 'parts_unread_for_long':
      return `${causes.partsForLong(cause.parts.length, cause.limitHours)} ${describeParts(cause.parts, messages)}`;
    case 'all_rejected':
      return causes.allRejected(cause.items);
    case 'partial':
      return causes.partial(cause.note);
  }
}

/** The record of a source has the reason in words only (`disabledReason`). */
function describeDisabled(reason: string, { health: { causes } }: Messages): string {
  const variable = /^missing (\w+)$/.exec(reason)?.[1];
  return variable === undefined ? causes.switchedOff : causes.missingKey(variable);
}

function describeParts(parts: readonly UnreadPart[], { health: { causes } }: Messages): string {
  return parts
    .slice(0, MAX_NAMED_PARTS)
    .map(({ name, note }) => causes.part(plainText(name, MAX_NOTE_LENGTH), plainText(note, MAX_NOTE_LENGTH)))
    .join(' · ');
}
