import { videoQuerySchema, type VideoQuery } from '../../operations/video-query.ts';

/** The fields of a form that were filled: an empty one is as good as none. */
export function filledFields(fields: unknown): Record<string, unknown> {
  if (typeof fields !== 'object' || fields === null) return {};
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
}

/** A query of a list that is only looked at: a field that is wrong or given twice restricts nothing. The page shows which hold. */
export function readLeniently(fields: unknown): VideoQuery {
  const filled = filledFields(fields);
  const right = Object.entries(videoQuerySchema.shape)
    .filter(([name, schema]) => schema.safeParse(filled[name]).success)
    .map(([name]) => [name, filled[name]]);
  return videoQuerySchema.parse(Object.fromEntries(right));
}

/**
 * A query whose videos are changed or exported: a filter that is wrong must not become none.
 * @returns undefined when a field is wrong or given twice
 */
export function readStrictly(fields: unknown): VideoQuery | undefined {
  return videoQuerySchema.safeParse(filledFields(fields)).data;
}
