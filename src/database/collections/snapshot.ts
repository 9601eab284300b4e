import { z } from 'zod';
import { documentSchema, optional, type DocumentOf } from '../document-schema.ts';

/** A snapshot of the database in the object store. */
const snapshot = z.object({
  /** `sonotheque_mongo_vYYYYMMDD_HHMMSS.archive.gz`, also the last part of the object's name. */
  _id: z.string(),
  status: z.enum(['running', 'stored', 'failed', 'pruned']),
  /** `mongodump archive 0.1, gzip`. */
  format: z.string(),
  started_at: z.date(),
  /** While it is running: when the process that makes it last reported that it is alive. */
  alive_at: optional(z.date()),
  finished_at: optional(z.date()),
  bucket: z.string(),
  key: z.string(),
  size: optional(z.number()),
  sha256: optional(z.string()),
  /** How the collections relate in time: one instant, all writers paused, or read one after the other. */
  consistency: z.enum(['snapshot', 'paused', 'per-collection']),
  collections: z.array(
    z.object({
      /** `database.collection`. */
      namespace: z.string(),
      count: z.number(),
      bytes: z.number(),
      /** CRC-64 as a decimal string, as it is in the archive. */
      crc: z.string(),
    }),
  ),
  /** When its stored bytes were last read again and found correct. */
  verified_at: optional(z.date()),
  /** How they were verified (`bytes`, `restored`), or `failed` when a later check found them damaged. */
  verification: optional(z.string()),
  error: optional(z.string()),
  note: optional(z.string()),
});

export type SnapshotDocument = DocumentOf<typeof snapshot>;
export type SnapshotConsistency = SnapshotDocument['consistency'];

export const snapshotSchema = documentSchema(snapshot, [[{ started_at: -1 }]]);
