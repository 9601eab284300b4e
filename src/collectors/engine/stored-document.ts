import type { NewDocument } from '../../database/document-repository.ts';
import { definedFields } from '../../domain/defined-fields.ts';
import type { DocumentItem, PlainValue, RejectedItem } from '../collector.ts';
import type { ConfiguredSource } from '../configured-source.ts';
import { fingerprintOf } from '../fingerprint.ts';
import { safeFields } from './field-names.ts';

/** The limit of MongoDB is 16 MiB; a document of this size is already a mistake. */
const MAX_CHARACTERS = 4 * 1024 ** 2;

const REASONS = {
  title: 'no_title',
  text: 'no_text',
  url: 'no_url',
  publishedAt: 'no_date',
} as const satisfies Record<ConfiguredSource['requiredFields'][number], string>;

/** The document as MongoDB stores it, with its approximate size in characters, or the reason why it is rejected. */
export function storedDocument(
  item: DocumentItem,
  run: { readonly source: ConfiguredSource; readonly runId: string; readonly now: Date },
): { readonly document: NewDocument; readonly size: number } | RejectedItem {
  const { source, runId, now } = run;
  const { key, url, title, text, language, publishedAt, dateProblem, payload } = item;
  const reject = (reason: string, found = ''): RejectedItem => {
    const detail = [url ?? title ?? key, found].filter(Boolean).join(': ');
    return definedFields({ type: 'rejected' as const, reason, detail: detail || undefined });
  };
  for (const field of source.requiredFields) {
    if (item[field] !== undefined && item[field] !== '') continue;
    // A date that is there and cannot be read is another matter than none.
    return field === 'publishedAt' && dateProblem !== undefined
      ? reject(dateProblem.reason, dateProblem.text)
      : reject(REASONS[field]);
  }
  if (publishedAt !== undefined && Number.isNaN(publishedAt.getTime())) return reject('invalid_date');
  const fingerprint = tryFingerprint(source.kind, item);
  if (fingerprint === undefined) return reject('invalid_identity');
  const size = sizeOf(payload ?? null) + (text?.length ?? 0) + (title?.length ?? 0) + (url?.length ?? 0);
  if (size > MAX_CHARACTERS) return reject('too_large');
  const { retentionMs } = source;
  return {
    size,
    document: definedFields({
      _id: fingerprint,
      source_id: source.id,
      kind: source.kind,
      run_id: runId,
      key: key === '' ? undefined : key,
      url,
      title,
      text,
      language,
      published_at: publishedAt,
      first_seen_at: now,
      payload: payload === undefined ? undefined : safeFields(payload),
      expire_at: retentionMs === undefined ? undefined : new Date(now.getTime() + retentionMs),
    }),
  };
}

function tryFingerprint(kind: string, { identity }: DocumentItem): string | undefined {
  try {
    return fingerprintOf(kind, identity);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function sizeOf(value: PlainValue): number {
  if (typeof value === 'string') return value.length;
  if (value === null || typeof value !== 'object' || value instanceof Date) return 8;
  return Object.entries(value).reduce((sum, [name, field]) => sum + name.length + sizeOf(field), 8);
}
