import type { VideoStatus } from '../../domain/video-status.ts';
import type { RunCounts, RunStatus } from '../../database/collection-documents.ts';
import type { HealthState, SourceHealth } from './health.ts';

/** One source in a report; the counts are of the period. */
export interface SourceReport {
  readonly id: string;
  readonly kind: string;
  readonly label: string;
  readonly state: HealthState;
  /** Documents held now, all revisions. */
  readonly documents: number;
  readonly runs: Readonly<Record<RunStatus, number>>;
  readonly counts: RunCounts;
  /** Received over the network. */
  readonly bytes: number;
}

/** Something that went wrong in the period. */
export interface ReportedProblem {
  readonly sourceId: string;
  readonly at: Date;
  /** The feed, city, slot or page; null for the run as a whole. */
  readonly part: string | null;
  readonly class: string | null;
  readonly message: string;
}

/** Everything that a report shows, before it is written as HTML, Markdown or JSON. */
export interface CollectionReport {
  readonly at: Date;
  /** The period, `to` exclusive. */
  readonly from: Date;
  readonly to: Date;
  readonly totals: {
    /** Documents held now. */
    readonly documents: number;
    /** Rows added in the period, as the runs counted their inserts: new ones and revisions. */
    readonly inserted: number;
    readonly new: number;
    readonly updated: number;
    readonly duplicate: number;
    readonly rejected: number;
    readonly media: number;
  };
  readonly sources: readonly SourceReport[];
  readonly kinds: readonly { readonly kind: string; readonly documents: number; readonly inserted: number }[];
  /** Inserts of each of the last days, oldest first; days are UTC. */
  readonly growth: readonly { readonly day: string; readonly inserted: number }[];
  readonly rejects: readonly {
    readonly sourceId: string;
    readonly reason: string;
    readonly count: number;
  }[];
  readonly problems: readonly ReportedProblem[];
  readonly health: readonly SourceHealth[];
  readonly audio: {
    readonly videos: Readonly<Record<'total' | VideoStatus, number>>;
    readonly hours: number;
    readonly bytes: number;
    /** Stored audio that waits for its mirror; null without a mirror. */
    readonly unmirrored: number | null;
  };
  readonly snapshot: {
    readonly name: string;
    readonly at: Date;
    readonly sizeBytes: number | null;
    readonly verifiedAt: Date | null;
  } | null;
}
