import { z } from 'zod';
import { videoKeysInput } from '../../operations/inputs.ts';
import { VIDEO_ACTION_NAMES } from '../../operations/video-actions.ts';

export { actionsFor } from '../../operations/video-actions.ts';

/** As many as a page of the list has. */
export const MAX_SELECTED = 200;

/** What the form of one video sends. */
export const actionSchema = z.object({ action: z.enum(VIDEO_ACTION_NAMES) });

const ids = z
  .union([z.string().transform((id) => [id]), z.array(z.string())])
  .pipe(z.array(z.string().max(200)));

/** What the form of the list sends, and that of the page that asks for a confirmation. */
export const bulkSchema = z.object({
  action: z.enum(VIDEO_ACTION_NAMES),
  /** `matching`: all videos that match the query in the address. */
  scope: z.enum(['selected', 'matching']).default('selected'),
  id: ids.default([]),
  /** How many videos were confirmed; missing before that. */
  confirmed: z.coerce.number().int().min(1).optional(),
});

export type BulkForm = z.output<typeof bulkSchema>;

/** The videos that were selected. @returns what is wrong otherwise */
export function selectedKeys({ id }: BulkForm) {
  if (id.length === 0) return 'nothingSelected';
  if (id.length > MAX_SELECTED) return 'tooMany';
  return videoKeysInput.safeParse(id).data ?? 'notUnderstood';
}
