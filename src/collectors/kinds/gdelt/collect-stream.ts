import { definedFields } from '../../../domain/defined-fields.ts';
import { JobError, TransientError } from '../../../domain/job-errors.ts';
import type { CollectContext, CollectedItem, PartResult } from '../../collector.ts';
import { readEventRow, createEventFilter, type EventFilter } from './event-row.ts';
import { createGdeltFiles, isMissing, isServerFault, type GdeltFiles } from './gdelt-files.ts';
import { entryName, type EventStream, type ListedFile } from './listing.ts';
import type { GdeltSettings } from './settings.ts';
import { openVerifiedArchive, readRows, verifySums, type ContentOpener } from './slot-archive.ts';
import {
  gapLength,
  planSlots,
  withoutSlot,
  withTry,
  type GdeltState,
  type StreamState,
} from './slot-state.ts';
import { slotTimeMs, type Slot } from './slots.ts';

const DAY_MS = 24 * 3600_000;

type StreamItem = CollectedItem<StreamState>;

/**
 * Collects the slots of one stream since its cursor, oldest first, with a checkpoint after each slot. A missing or
 * broken slot is tried again with later listings, while newer slots are collected.
 * @throws TransientError `source_format` when all slots are broken or the listing is implausible; JobError of the HTTP
 * client when the service cannot be reached.
 */
export async function* collectStream(
  context: CollectContext<GdeltSettings, GdeltState>,
  stream: EventStream,
): AsyncGenerator<StreamItem> {
  const { settings, signal } = context;
  const files = createGdeltFiles(context, stream);
  const previous = context.state?.[stream.name];
  const listed = await files.newest();
  const plan = planSlots(previous, listed.slot, settings.maxSlots);
  if (previous === undefined || plan.gaps.length > 0) assertNotInFuture(listed.slot, context.now());
  for (const gap of plan.gaps) {
    const note = `Given up: ${String(gapLength(gap))} slots are older than maxSlots allows; recorded as a gap.`;
    yield part(partName(stream, `${gap.from} to ${gap.to}`), 'skipped', note);
  }

  let state = plan.state;
  // A listing from a cache may be older than the state. Slots that it does not list yet are not tried.
  const due = state.pending.filter(({ slot }) => slot <= listed.slot);
  const [oldest] = due;
  if (oldest === undefined) {
    const note = `The newest listed slot is ${listed.slot}; ${state.newest} is already collected.`;
    yield part(stream.name, 'unchanged', note);
    return;
  }
  const sums = new Map(oldest.slot === listed.slot ? [] : await files.since(oldest.slot, listed.slot));
  sums.set(listed.slot, listed);

  const isWanted = createEventFilter(settings);
  let collected = 0;
  let saved = previous;
  let firstFailure: JobError | undefined;
  for (const pending of due) {
    signal.throwIfAborted();
    const name = partName(stream, pending.slot);
    const opened = await openSlot(files, stream, pending.slot, sums.get(pending.slot));
    if (opened instanceof JobError) {
      const isGone = isMissing(opened);
      if (!isGone) firstFailure ??= opened;
      const reason = isGone ? 'missing' : 'broken';
      const outcome = withTry(state, pending, { listed: listed.slot, maxTries: settings.maxTries, reason });
      state = outcome.state;
      yield failurePart(name, opened, outcome, settings.maxTries);
      continue;
    }
    const items = yield* readSlot(opened, isWanted, pending.slot);
    collected += 1;
    state = withoutSlot(state, pending.slot);
    const note = sums.has(pending.slot)
      ? undefined
      : 'No MD5 is listed; the CRC-32 of the archive is correct.';
    yield definedFields({ type: 'part' as const, name, status: 'success' as const, items, note });
    yield { type: 'checkpoint', state };
    saved = state;
  }
  // Nothing of this run was saved: the next attempt tries the slot again, and this does not count as a try.
  if (collected === 0 && firstFailure !== undefined) throw firstFailure;
  if (state !== saved) yield { type: 'checkpoint', state };
}

/** @returns the verified content, or why the slot is not available now. @throws JobError when the run has to end. */
async function openSlot(
  files: GdeltFiles,
  stream: EventStream,
  slot: Slot,
  listed: ListedFile | undefined,
): Promise<ContentOpener | JobError> {
  try {
    const archive = await files.archive(slot);
    if (listed !== undefined) verifySums(archive, listed);
    return await openVerifiedArchive(archive, entryName(stream, slot));
  } catch (error) {
    if (isMissing(error) || isServerFault(error)) return error;
    if (error instanceof JobError && error.errorClass === 'too_large') {
      return new TransientError('source_format', error.message, { cause: error });
    }
    throw error;
  }
}

/** @returns how many items it yielded. */
async function* readSlot(
  openContent: ContentOpener,
  isWanted: EventFilter,
  slot: Slot,
): AsyncGenerator<StreamItem, number> {
  let line = 0;
  let items = 0;
  for await (const columns of readRows(await openContent())) {
    line += 1;
    const item = readEventRow(columns, isWanted, { slot, line });
    if (item === undefined) continue;
    items += 1;
    yield item;
  }
  return items;
}

/** In a first run or after a gap, a slot far in the future would make the collector skip everything before it. */
function assertNotInFuture(slot: Slot, now: Date): void {
  if (slotTimeMs(slot) <= now.getTime() + DAY_MS) return;
  const message = `GDELT lists slot ${slot}, but the clock of this machine shows ${now.toISOString()}. Check the clock.`;
  throw new TransientError('source_format', message);
}

function part(name: string, status: PartResult['status'], note: string): PartResult {
  return { type: 'part', name, status, note };
}

function partName(stream: EventStream, slot: string): string {
  return `${stream.name} ${slot}`;
}

function failurePart(
  name: string,
  error: JobError,
  { tries, gap }: ReturnType<typeof withTry>,
  maxTries: number,
): PartResult {
  const problem = isMissing(error) ? 'The slot is missing' : error.message.replace(/\.$/, '');
  const next = gap === undefined ? 'it is tried again in the next run' : 'given up and recorded as a gap';
  const note = `${problem}: ${next} (${String(tries)} of ${String(maxTries)} tries).`;
  if (isMissing(error)) return part(name, 'skipped', note);
  return gap === undefined ? { ...part(name, 'failed', note), error } : part(name, 'skipped', note);
}
