import { JobError, TransientError } from '../../../domain/job-errors.ts';
import type { CollectContext, Found, PartResult } from '../../collector.ts';
import { createEventFilter, type EventFilter } from './event-filter.ts';
import { readEventRow } from './event-row.ts';
import { GdeltFiles, isMissing, isOfServer } from './gdelt-files.ts';
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

type StreamFound = Found<StreamState>;

/**
 * Collects what one stream has published since its cursor, oldest slot first, with a checkpoint after each slot. A
 * slot that is not there or is broken is looked for again under later listings while newer ones go on.
 * @throws TransientError `source_format` when there is nothing but broken slots, or the listing is not to be trusted;
 * JobError of the HTTP client when the service cannot be reached.
 */
export async function* collectStream(
  context: CollectContext<GdeltSettings, GdeltState>,
  stream: EventStream,
): AsyncGenerator<StreamFound> {
  const { settings, http, signal } = context;
  const files = new GdeltFiles({ http, url: context.access.gdelt.url, stream, signal });
  const before = context.state?.[stream.name];
  const listed = await files.newest();
  const plan = planSlots(before, listed.slot, settings.maxSlots);
  if (before === undefined || plan.gaps.length > 0) refuseFuture(listed.slot, context.now());
  for (const gap of plan.gaps) yield gapPart(stream, `${gap.from} to ${gap.to}`, gapLength(gap));

  let state = plan.state;
  // A listing from a cache may be older than what is known already: what it does not name yet is not looked for.
  const due = state.pending.filter(({ slot }) => slot <= listed.slot);
  const [oldest] = due;
  if (oldest === undefined) {
    yield part(
      stream.name,
      'unchanged',
      `The listing names ${listed.slot}; ${state.newest} was had already.`,
    );
    return;
  }
  const sums = new Map(oldest.slot === listed.slot ? [] : await files.since(oldest.slot, listed.slot));
  sums.set(listed.slot, listed);

  const isWanted = createEventFilter(settings);
  let taken = 0;
  let saved = before;
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
    const count = yield* readSlot(opened, isWanted, pending.slot);
    taken += 1;
    state = withoutSlot(state, pending.slot);
    yield {
      type: 'part',
      name,
      status: 'success',
      items: count,
      ...(sums.has(pending.slot) ? {} : { note: 'No MD5 is listed for it; its own checksum is right.' }),
    };
    yield { type: 'checkpoint', state };
    saved = state;
  }
  // Nothing is kept of this run: the slot is asked for again at once, and that is not another try.
  if (taken === 0 && firstFailure !== undefined) throw firstFailure;
  if (state !== saved) yield { type: 'checkpoint', state };
}

/** @returns the verified content, or why the slot cannot be had now. @throws JobError what ends the run. */
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
    if (isMissing(error) || isOfServer(error)) return error;
    if (error instanceof JobError && error.errorClass === 'too_large') {
      return new TransientError('source_format', error.message, { cause: error });
    }
    throw error;
  }
}

/** @returns how many items it yielded. */
async function* readSlot(
  open: ContentOpener,
  isWanted: EventFilter,
  slot: Slot,
): AsyncGenerator<StreamFound, number> {
  let line = 0;
  let items = 0;
  for await (const columns of readRows(await open())) {
    line += 1;
    const found = readEventRow(columns, isWanted, { slot, line });
    if (found === undefined) continue;
    items += 1;
    yield found;
  }
  return items;
}

/**
 * Where nothing says that a listing continues what was collected, one of the far future would skip all that lies
 * between.
 */
function refuseFuture(slot: Slot, now: Date): void {
  if (slotTimeMs(slot) <= now.getTime() + DAY_MS) return;
  throw new TransientError(
    'source_format',
    `GDELT lists ${slot}, but it is ${now.toISOString()} here. Check the clock of this machine.`,
  );
}

function part(name: string, status: PartResult['status'], note: string): PartResult {
  return { type: 'part', name, status, note };
}

function partName(stream: EventStream, slot: string): string {
  return `${stream.name} ${slot}`;
}

function gapPart(stream: EventStream, slots: string, count: number): PartResult {
  return part(
    partName(stream, slots),
    'skipped',
    `Given up: ${String(count)} slots are older than maxSlots allows. They stay as a gap.`,
  );
}

function failurePart(
  name: string,
  error: JobError,
  { tries, gap }: { readonly tries: number; readonly gap: StreamState['gaps'][number] | undefined },
  maxTries: number,
): PartResult {
  const what = isMissing(error) ? 'It is not there' : error.message.replace(/\.$/, '');
  const next = gap === undefined ? 'it is looked for in the next run' : 'given up, it stays as a gap';
  const note = `${what}: ${next} (${String(tries)} of ${String(maxTries)} tries).`;
  if (isMissing(error)) return part(name, 'skipped', note);
  return gap === undefined ? { ...part(name, 'failed', note), error } : part(name, 'skipped', note);
}
