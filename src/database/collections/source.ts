import { z } from 'zod';
import { documentSchema, optional, type DocumentOf } from '../document-schema.ts';

/** A source as sources.yaml last configured it, and how far it has been read. */
const source = z.object({
  /** The id in sources.yaml. */
  _id: z.string(),
  kind: z.string(),
  label: z.string(),
  enabled: z.boolean(),
  /** Why it is not collected although it is configured: `missing OWM_API_KEY`. */
  disabled_reason: optional(z.string()),
  /** False once it is no longer in sources.yaml; its documents and runs stay. */
  configured: z.boolean(),
  schedule: z.object({ pattern: z.string(), time_zone: z.string() }),
  freshness: z.object({
    warn_after_ms: z.number(),
    error_after_ms: z.number(),
    quiet_after_ms: optional(z.number()),
  }),
  /** The cursor, in the form of the source's kind; saved only after the documents before it are stored. */
  state: z.unknown().exactOptional(),
  /** Grows with every change of `state`, so that a run that was overtaken cannot set it back. */
  state_version: z.number(),
  last_run_at: optional(z.date()),
  last_success_at: optional(z.date()),
  last_new_item_at: optional(z.date()),
  consecutive_failures: z.number(),
  /** How many runs were begun. It gives each run a sequence number, an order that does not depend on any clock. */
  runs_begun: z.number().exactOptional(),
  /** The sequence numbers of the latest run that succeeded and of the latest that failed. */
  last_success_sequence: z.number().exactOptional(),
  last_failure_sequence: z.number().exactOptional(),
  updated_at: z.date(),
});

export type SourceDocument = DocumentOf<typeof source>;

export const sourceSchema = documentSchema(source, []);
