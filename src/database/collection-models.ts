import { Schema, type Connection, type Model } from 'mongoose';
import {
  RUN_STATUSES,
  type CollectedDocument,
  type ReportDocument,
  type RunDocument,
  type SnapshotDocument,
  type SourceDocument,
} from './collection-documents.ts';

const OPTIONS = {
  versionKey: false,
  autoCreate: false,
  autoIndex: false,
  strict: 'throw',
  minimize: false,
} as const;
const moment = { type: Date, default: undefined };
const anything = { type: Schema.Types.Mixed, default: undefined };

const sourceSchema = new Schema<SourceDocument>(
  {
    _id: { type: String, required: true },
    kind: { type: String, required: true },
    label: { type: String, required: true },
    enabled: { type: Boolean, required: true },
    disabled_reason: String,
    configured: { type: Boolean, required: true },
    schedule: new Schema({ pattern: String, time_zone: String }, { _id: false }),
    freshness: new Schema({ warn_after_ms: Number, error_after_ms: Number }, { _id: false }),
    state: anything,
    state_version: { type: Number, required: true },
    last_run_at: moment,
    last_success_at: moment,
    last_new_item_at: moment,
    consecutive_failures: { type: Number, required: true },
    runs_begun: Number,
    last_success_sequence: Number,
    last_failure_sequence: Number,
    updated_at: { type: Date, required: true },
  },
  OPTIONS,
);

const runSchema = new Schema<RunDocument>(
  {
    _id: { type: String, required: true },
    source_id: { type: String, required: true },
    kind: { type: String, required: true },
    trigger: { type: String, required: true },
    scheduled_for: { type: Date, required: true },
    started_at: { type: Date, required: true },
    finished_at: moment,
    status: { type: String, required: true, enum: RUN_STATUSES },
    round: { type: Number, required: true },
    attempts: { type: Number, required: true },
    owner: String,
    counts: new Schema(
      { seen: Number, new: Number, updated: Number, duplicate: Number, rejected: Number, media: Number },
      { _id: false },
    ),
    bytes: { type: Number, required: true },
    totals: anything,
    state_before: anything,
    state_after: anything,
    parts: [
      new Schema(
        { name: String, status: String, items: Number, note: String, error_class: String },
        { _id: false },
      ),
    ],
    reject_reasons: { type: Schema.Types.Mixed, required: true },
    rejects: [new Schema({ reason: String, detail: String }, { _id: false })],
    error: {
      type: new Schema({ class: String, message: String, advice: String, at: Date }, { _id: false }),
      default: undefined,
    },
    next_retry_at: moment,
    note: String,
    worker: { type: String, required: true },
    progress: {
      type: new Schema(
        { sequence: Number, step: Number, lost_steps: [Number], state_version: Number },
        { _id: false },
      ),
      default: undefined,
    },
    resume_from: anything,
  },
  OPTIONS,
);
runSchema.index({ source_id: 1, scheduled_for: 1 }, { unique: true });
runSchema.index({ source_id: 1, started_at: -1 });
runSchema.index({ status: 1, started_at: 1 });
runSchema.index({ started_at: -1 });

const documentSchema = new Schema<CollectedDocument>(
  {
    _id: { type: String, required: true },
    source_id: { type: String, required: true },
    kind: { type: String, required: true },
    run_id: { type: String, required: true },
    run_step: Number,
    key: String,
    revision: { type: Number, required: true },
    url: String,
    title: String,
    text: String,
    language: String,
    published_at: moment,
    first_seen_at: { type: Date, required: true },
    payload: anything,
    expire_at: moment,
  },
  OPTIONS,
);
documentSchema.index({ source_id: 1, key: 1 });
documentSchema.index({ source_id: 1, first_seen_at: -1 });
documentSchema.index({ first_seen_at: -1 });
documentSchema.index({ expire_at: 1 }, { expireAfterSeconds: 0 });

const snapshotSchema = new Schema<SnapshotDocument>(
  {
    _id: { type: String, required: true },
    status: { type: String, required: true },
    format: { type: String, required: true },
    started_at: { type: Date, required: true },
    alive_at: moment,
    finished_at: moment,
    bucket: { type: String, required: true },
    key: { type: String, required: true },
    size: Number,
    sha256: String,
    consistency: { type: String, required: true },
    collections: [
      new Schema({ namespace: String, count: Number, bytes: Number, crc: String }, { _id: false }),
    ],
    verified_at: moment,
    verification: String,
    error: String,
    note: String,
  },
  OPTIONS,
);
snapshotSchema.index({ started_at: -1 });

const reportSchema = new Schema<ReportDocument>(
  {
    _id: { type: String, required: true },
    made_at: { type: Date, required: true },
    from: { type: Date, required: true },
    to: { type: Date, required: true },
    documents: { type: Number, required: true },
    inserted: { type: Number, required: true },
    problems: { type: Number, required: true },
    html: { type: String, required: true },
  },
  OPTIONS,
);
reportSchema.index({ made_at: -1 });

/** The models of document collection, its reports and of snapshots. */
export interface CollectionModels {
  readonly sources: Model<SourceDocument>;
  readonly runs: Model<RunDocument>;
  readonly documents: Model<CollectedDocument>;
  readonly snapshots: Model<SnapshotDocument>;
  readonly reports: Model<ReportDocument>;
}

/** Registers the models on a connection. */
export function registerCollectionModels(connection: Connection): CollectionModels {
  return {
    sources: connection.model('Source', sourceSchema, 'sources'),
    runs: connection.model('Run', runSchema, 'runs'),
    documents: connection.model('Document', documentSchema, 'documents'),
    snapshots: connection.model('Snapshot', snapshotSchema, 'snapshots'),
    reports: connection.model('Report', reportSchema, 'reports'),
  };
}
