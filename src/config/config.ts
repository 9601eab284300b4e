import type { AudioProfile, YoutubeDownloaderName } from '../domain/audio.ts';
import type { CronSchedule } from './cron.ts';
import type { EgressAddress } from './egress-identities.ts';
import type { AlertFormat, Environment } from './environment.ts';

/** Where the Azure container is and how one gets in. */
export type AzureConfig = { readonly container: string } & (
  | { readonly kind: 'connection-string'; readonly connectionString: string }
  | { readonly kind: 'sas'; readonly accountUrl: string; readonly sasToken: string }
);

/** Which entries of a playlist become videos to archive; the others are recorded as skipped. */
export interface PlaylistFilters {
  readonly minDurationSeconds?: number;
  readonly maxDurationSeconds?: number;
  readonly titleInclude?: RegExp;
  readonly titleExclude?: RegExp;
  readonly publishedAfter?: Date;
  /** Whether recordings of live broadcasts are taken. Running and coming ones are always left for later. */
  readonly live: boolean;
  readonly shorts: boolean;
  /** Only the first N entries of each playlist (channels list the newest first). */
  readonly newest?: number;
}

/** The MinIO (or other S3) server and bucket. */
export interface MinioConfig {
  readonly host: string;
  readonly port: number;
  readonly useTls: boolean;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly bucket: string;
  readonly region: string;
}

/** Time limits of one call to an object store. */
export interface StorageLimits {
  /** No byte moved for this long: the call is ended. */
  readonly stallMs: number;
  /** The whole call. */
  readonly deadlineMs: number;
}

/** The programs and limits of downloading and converting. */
export interface MediaConfig {
  readonly providers: readonly YoutubeDownloaderName[];
  readonly profile: AudioProfile;
  readonly ytDlpPath: string;
  readonly ytDlpExtraArgs: readonly string[];
  readonly ffmpegPath: string;
  readonly ffprobePath: string;
  readonly maxSizeBytes: number;
  readonly stallMs: number;
  readonly deadlineMs: number;
  readonly saveTube: {
    readonly apiUrl: string;
    readonly cdnScheme: 'http' | 'https';
    readonly keyHex?: string;
  };
  /** Episodes are fetched under the rules of document collection. */
  readonly enclosures: Pick<CollectConfig, 'contactUrl' | 'allowPrivateAddresses'>;
}

/** Where finished audio waits for its upload, and how much of it may. */
export interface StagingConfig {
  /** Absolute path. */
  readonly directory: string;
  readonly maxBytes: number;
  readonly maxFiles: number;
  /** What downloads leave free on the disk. */
  readonly minFreeBytes: number;
}

/** When somebody is told. */
export interface AlertConfig {
  /** Where alerts go; the address is a secret. Without it none are sent. */
  readonly webhook: { readonly url: string; readonly format: AlertFormat } | undefined;
  /** More failed videos than this are worth an alert. */
  readonly failedLimit: number;
  /** The longest time that a stored object may wait for its mirror. */
  readonly mirrorLagMs: number;
  /** How long downloads may be held back without a break. */
  readonly stagingFullMs: number;
}

/** When a job is tried again: in its queue, then through the retry queue. */
export interface RetryConfig {
  readonly rounds: number;
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  /** The first pause between two attempts in the queue; it doubles with each. */
  readonly attemptDelayMs: number;
}

/** The ways out to the site, and how long one of them rests after the site limited it. */
export interface EgressConfig {
  readonly addresses: readonly [EgressAddress, ...EgressAddress[]];
  /** The first rest; each further one is twice as long. */
  readonly minRestMs: number;
  readonly maxRestMs: number;
}

/** How documents are collected. */
export interface CollectConfig {
  /** Absolute path of `sources.yaml`. */
  readonly sourcesFile: string;
  /** Where a site's owner may ask about the requests; part of the User-Agent. */
  readonly contactUrl: string | undefined;
  /** One request, from its first byte to its last. */
  readonly timeoutMs: number;
  /** Whether addresses of private networks may be fetched; for tests and for feeds of one's own network. */
  readonly allowPrivateAddresses: boolean;
  /** What follows after the attempts within the queue. */
  readonly retry: { readonly rounds: number; readonly delayMs: number };
  readonly access: CollectorAccess;
}

/** Addresses of the services that are collected from, and the keys to them. */
export interface CollectorAccess {
  readonly openWeatherMap: { readonly url: string; readonly key: string | undefined };
  readonly kaggle: { readonly url: string; readonly credentials: KaggleCredentials | undefined };
  readonly gdelt: { readonly url: string };
}

/** How Kaggle knows who asks. */
export type KaggleCredentials =
  | { readonly kind: 'basic'; readonly username: string; readonly key: string }
  | { readonly kind: 'bearer'; readonly token: string };

/** When snapshots are made and how many of them are kept. */
export interface SnapshotConfig {
  readonly schedule: CronSchedule;
  readonly keep: { readonly daily: number; readonly weekly: number; readonly monthly: number };
  /** Encrypts snapshots that are written to files. */
  readonly passphrase: string | undefined;
}

/** The queues that have a concurrency of their own. */
export type QueueConcurrency = Readonly<
  Record<'playlist' | 'download' | 'upload' | 'sync' | 'retry' | 'maintenance' | 'collect', number>
>;

/** The whole configuration: typed, checked and frozen; made once in each entry file. */
export interface Config {
  readonly redis: { readonly url: string; readonly prefix: string };
  readonly mongo: { readonly url: string };
  readonly minio: MinioConfig;
  readonly azure: AzureConfig | undefined;
  readonly storage: StorageLimits;
  readonly youtubeDataApi: { readonly key: string; readonly url: string } | undefined;
  readonly playlists: {
    readonly file: string;
    readonly intervalMs: number;
    readonly filters: PlaylistFilters;
  };
  readonly staging: StagingConfig;
  readonly media: MediaConfig;
  readonly concurrency: QueueConcurrency;
  readonly retry: RetryConfig;
  readonly egress: EgressConfig;
  readonly collect: CollectConfig;
  readonly snapshots: SnapshotConfig;
  readonly digest: { readonly schedule: CronSchedule };
  /** Absolute path of the append-only log of collections and snapshots. */
  readonly versionLogFile: string;
  /** How often what crashes left behind is repaired: videos and staging, and the bucket. */
  readonly reconcile: { readonly intervalMs: number; readonly bucketIntervalMs: number };
  readonly worker: {
    readonly shutdownGraceMs: number;
    /** A job whose worker does not renew its lock for this long is given to another. */
    readonly lockMs: number;
    /** How long after a fault for a person to mend a job is tried again. */
    readonly probeMs: number;
    readonly healthHost: string;
    readonly healthPort: number | undefined;
  };
  readonly dashboard: {
    readonly host: string;
    readonly port: number;
    readonly credentials: { readonly user: string; readonly password: string } | undefined;
  };
  readonly alerts: AlertConfig;
  readonly logLevel: Environment['LOG_LEVEL'];
}
