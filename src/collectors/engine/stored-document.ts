import type { NewDocument } from '../../database/document-repository.ts';
import type { FoundDocument, PlainValue, RejectedItem } from '../collector.ts';
import type { ConfiguredSource } from '../configured-source.ts';
import { fingerprintOf } from '../fingerprint.ts';
import { safeFields } from './field-names.ts';

/** MongoDB takes 16 MiB; a document of this size is a mistake long before. */
const MAX_SIZE = 4 * 1024 ** 2;

/** A document in the form of the database, and about how much memory it takes. */
export interface SizedDocument {
  readonly document: NewDocument;
  /** Characters. */
  readonly size: number;
}

const REASONS = {
  title: 'no_title',
  text: 'no_text',
  url: 'no_url',
  publishedAt: 'no_date',
} as const satisfies Record<ConfiguredSource['requiredFields'][number], string>;

/** Makes the record of a found document, or tells why it cannot be taken. */
export function storedDocument(
  found: FoundDocument,
  setting: { readonly source: ConfiguredSource; readonly runId: string; readonly now: Date },
): SizedDocument | RejectedItem {
  const { source, runId, now } = setting;
  const detail = found.url ?? found.title ?? found.key;
  const reject = (reason: string): RejectedItem => ({
    type: 'rejected',
    reason,
    ...(detail === undefined ? {} : { detail }),
  });
  for (const field of source.requiredFields) {
    if (found[field] === undefined || found[field] === '') return reject(REASONS[field]);
  }
  if (found.publishedAt !== undefined && Number.isNaN(found.publishedAt.getTime())) {
    return reject('invalid_date');
  }
  const fingerprint = tryFingerprint(source.kind, found);
  if (fingerprint === undefined) return reject('invalid_identity');
  const { key = '', url, title, text, language, publishedAt, payload } = found;
  const size = sizeOf(payload ?? null) + (text?.length ?? 0) + (title?.length ?? 0) + (url?.length ?? 0);
  if (size > MAX_SIZE) return reject('too_large');
  return {
    size,
    document: {
      _id: fingerprint,
      source_id: source.id,
      kind: source.kind,
      run_id: runId,
      ...(key === '' ? {} : { key }),
      ...(url === undefined ? {} : { url }),
      ...(title === undefined ? {} : { title }),
      ...(text === undefined ? {} : { text }),
      ...(language === undefined ? {} : { language }),
      ...(publishedAt === undefined ? {} : { published_at: publishedAt }),
      first_seen_at: now,
      ...(payload === undefined ? {} : { payload: safeFields(payload) }),
      ...(source.retentionMs === undefined
        ? {}
        : { expire_at: new Date(now.getTime() + source.retentionMs) }),
    },
  };
}

function tryFingerprint(kind: string, { identity }: FoundDocument): string | undefined {
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
