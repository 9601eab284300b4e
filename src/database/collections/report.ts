import { z } from 'zod';
import { documentSchema, optional, type DocumentOf } from '../document-schema.ts';

/** A report on the collection, as it was made. */
const report = z.object({
  /** `sonotheque_report_vYYYYMMDD_HHMMSS`. */
  _id: z.string(),
  made_at: z.date(),
  /** The period; `to` is exclusive. */
  from: z.date(),
  to: z.date(),
  documents: z.number(),
  inserted: z.number(),
  problems: z.number(),
  /** When the webhook received the digest. */
  delivered_at: optional(z.date()),
  /** The whole page, so that it stays readable whatever later versions of the report contain. */
  html: z.string(),
});

export type ReportDocument = DocumentOf<typeof report>;

export const reportSchema = documentSchema(report, [[{ made_at: -1 }]]);
