import { definedFields } from '../../../domain/defined-fields.ts';
import { PermanentError, type JobError } from '../../../domain/job-errors.ts';
import type { PartResult } from '../../collector.ts';
import { MAY_HAVE_CHANGED } from './settings.ts';

/** What became of the pages that a list links to, and why some are not as expected. */
export interface PageCounts {
  /** Items that were yielded. */
  items: number;
  documents: number;
  /** Pages on which all selectors of the settings matched. */
  matched: number;
  /** Pages on which one of them matched nothing. */
  unmatched: number;
  /** Pages that the source has under another URL. */
  duplicates: number;
  unchanged: number;
  failed: number;
  /** Pages left for the next run. */
  waiting: number;
  /** Links beyond the limit of one page. */
  leftOut: number;
  /** What one of the unmatched pages has. */
  problem: string;
  lastError: JobError | undefined;
}

/** The selectors are wrong: they match on no page, also not on those of earlier runs. */
export function isWrongSetting({ matched, unmatched, unchanged }: PageCounts): boolean {
  return unmatched > 0 && matched === 0 && unchanged === 0;
}

export function resultOf(counts: PageCounts): Pick<PartResult, 'status' | 'items' | 'note' | 'error'> {
  const { items, documents, duplicates, unchanged, failed } = counts;
  const note = noteOf(counts);
  if (isWrongSetting(counts)) {
    return { status: 'failed', items, note, error: new PermanentError('source_settings', note) };
  }
  const isEmpty = documents + duplicates + unchanged === 0;
  if (isEmpty && failed > 0)
    return definedFields({ status: 'failed' as const, items, note, error: counts.lastError });
  const status = documents === 0 && unchanged > 0 ? ('unchanged' as const) : ('success' as const);
  return definedFields({ status, items, note: note || undefined });
}

function noteOf(counts: PageCounts): string {
  const { documents, unmatched, duplicates, unchanged, failed, waiting, leftOut, problem } = counts;
  const notes: string[] = [];
  if (unmatched > 0) {
    const pages = isWrongSetting(counts) ? `all ${String(unmatched)} pages` : `${String(unmatched)} pages`;
    notes.push(`On ${pages}, such as ${problem} ${MAY_HAVE_CHANGED}`);
    if (documents > 0)
      notes.push('A missing text was taken from JSON-LD or from what reads like an article.');
  }
  if (documents === 0 && unchanged > 0) notes.push(`${String(unchanged)} pages have not changed.`);
  if (documents + unchanged === 0 && failed > 0) notes.push(`${String(failed)} pages could not be read.`);
  if (duplicates > 0)
    notes.push(`${String(duplicates)} links lead to pages that are collected under another URL.`);
  if (waiting > 0) notes.push(`${String(waiting)} pages are left for the next run.`);
  if (leftOut > 0) notes.push(`${String(leftOut)} further links were left out.`);
  return notes.join(' ');
}
