import path from 'node:path';
import { ConfigurationError } from '../runtime/user-error.ts';
import type { EgressIdentity } from './egress-identities.ts';
import {
  environmentSchema,
  type Environment,
  type AlertFormat,
  type ProfileName,
  type ProviderName,
} from './environment.ts';

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
  readonly providers: readonly ProviderName[];
  readonly profile: ProfileName;
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
  readonly identities: readonly [EgressIdentity, ...EgressIdentity[]];
  /** The first rest; each further one is twice as long. */
  readonly minRestMs: number;
  readonly maxRestMs: number;
}

/** The queues that have a concurrency of their own. */
export type QueueConcurrency = Readonly<
  Record<'playlist' | 'download' | 'upload' | 'sync' | 'retry' | 'maintenance', number>
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

/**
 * Makes the configuration of an environment.
 * @throws ConfigurationError that lists every problem at once.
 */
export function parseConfig(variables: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const parsed = environmentSchema.safeParse(given);
  const problems = parsed.success ? [] : parsed.error.issues.map((issue) => describeIssue(issue, given));
  if ((given['DASHBOARD_USER'] === undefined) !== (given['DASHBOARD_PASSWORD'] === undefined)) {
    problems.push('DASHBOARD_USER and DASHBOARD_PASSWORD must be set together.');
  }
  if ((given['AZURE_ACCOUNT_URL'] === undefined) !== (given['AZURE_SAS_TOKEN'] === undefined)) {
    problems.push('AZURE_ACCOUNT_URL and AZURE_SAS_TOKEN must be set together.');
  }
  if (parsed.success && parsed.data.RETRY_MIN_DELAY_SECONDS > parsed.data.RETRY_MAX_DELAY_SECONDS) {
    problems.push('RETRY_MIN_DELAY_SECONDS is larger than RETRY_MAX_DELAY_SECONDS.');
  }
  if (parsed.success && parsed.data.THROTTLE_MIN_REST_SECONDS > parsed.data.THROTTLE_MAX_REST_SECONDS) {
    problems.push('THROTTLE_MIN_REST_SECONDS is larger than THROTTLE_MAX_REST_SECONDS.');
  }
  if (parsed.success) problems.push(...egressConflicts(parsed.data));
  if (given['AUDIO_PROVIDERS']?.includes('savetube') && given['SAVETUBE_KEY'] === undefined) {
    problems.push('SAVETUBE_KEY must be set when AUDIO_PROVIDERS names savetube.');
  }
  if (!parsed.success || problems.length > 0) throw new ConfigurationError(problems);
  return deepFreeze(arrange(parsed.data));
}

/** yt-dlp takes one proxy and one cookie file: what every call has cannot differ between identities. */
function egressConflicts(env: Environment): string[] {
  const isGivenTo = (option: string) =>
    env.YTDLP_EXTRA_ARGS.some((word) => word === option || word.startsWith(`${option}=`));
  const entries = env.EGRESS ?? [];
  return [
    ...(entries.some(({ proxy }) => proxy !== undefined) && isGivenTo('--proxy') ? ['--proxy'] : []),
    ...(entries.some(({ cookiesFile }) => cookiesFile !== undefined) && isGivenTo('--cookies')
      ? ['--cookies']
      : []),
  ].map((option) => `${option} is given by EGRESS and by YTDLP_EXTRA_ARGS; take it out of one of them.`);
}

function describeIssue(
  issue: { path: PropertyKey[]; message: string; code?: string },
  given: Readonly<Record<string, string | undefined>>,
): string {
  const name = String(issue.path[0]);
  if (given[name] === undefined) {
    return `${name} is not set. Start everything on this machine with \`npm start\`, or set it in the environment or in .env.`;
  }
  // Zod's own texts begin with a capital letter; ours continue the variable's name.
  return /^[A-Z]/.test(issue.message) ? `${name}: ${issue.message}.` : `${name} ${issue.message}.`;
}

function arrange(env: Environment): Config {
  const minio = new URL(
    env.MINIO_ENDPOINT.includes('://') ? env.MINIO_ENDPOINT : `http://${env.MINIO_ENDPOINT}`,
  );
  const useTls = minio.protocol === 'https:';
  return {
    redis: { url: env.REDIS_URL, prefix: env.QUEUE_PREFIX },
    mongo: { url: env.MONGO_URL },
    minio: {
      host: minio.hostname,
      port: minio.port === '' ? (useTls ? 443 : 80) : Number(minio.port),
      useTls,
      accessKey: env.MINIO_ACCESS_KEY,
      secretKey: env.MINIO_SECRET_KEY,
      bucket: env.MINIO_BUCKET,
      region: env.MINIO_REGION,
    },
    azure: azureOf(env),
    storage: { stallMs: env.STORAGE_STALL_SECONDS * 1000, deadlineMs: env.STORAGE_DEADLINE_SECONDS * 1000 },
    youtubeDataApi:
      env.YOUTUBE_API_KEY === undefined ? undefined : { key: env.YOUTUBE_API_KEY, url: env.YOUTUBE_API_URL },
    playlists: {
      file: env.PLAYLIST_FILE,
      intervalMs: env.PLAYLIST_INTERVAL_HOURS * 3_600_000,
      filters: filtersOf(env),
    },
    staging: {
      directory: path.resolve(env.STAGING_DIR),
      maxBytes: env.STAGING_MAX_BYTES,
      maxFiles: env.STAGING_MAX_FILES,
      minFreeBytes: env.STAGING_MIN_FREE_BYTES,
    },
    media: {
      providers: env.AUDIO_PROVIDERS,
      profile: env.AUDIO_PROFILE,
      ytDlpPath: env.YTDLP_PATH,
      ytDlpExtraArgs: env.YTDLP_EXTRA_ARGS,
      ffmpegPath: env.FFMPEG_PATH,
      ffprobePath: env.FFPROBE_PATH,
      maxSizeBytes: env.MAX_SIZE_BYTES,
      stallMs: env.DOWNLOAD_STALL_SECONDS * 1000,
      deadlineMs: env.DOWNLOAD_DEADLINE_SECONDS * 1000,
      saveTube: {
        apiUrl: env.SAVETUBE_API_URL,
        cdnScheme: env.SAVETUBE_CDN_SCHEME,
        ...(env.SAVETUBE_KEY === undefined ? {} : { keyHex: env.SAVETUBE_KEY }),
      },
    },
    concurrency: {
      playlist: env.PLAYLIST_CONCURRENCY,
      download: env.DOWNLOAD_CONCURRENCY,
      upload: env.UPLOAD_CONCURRENCY,
      sync: env.SYNC_CONCURRENCY,
      retry: env.RETRY_CONCURRENCY,
      maintenance: env.MAINTENANCE_CONCURRENCY,
    },
    retry: {
      rounds: env.RETRY_ROUNDS,
      minDelayMs: env.RETRY_MIN_DELAY_SECONDS * 1000,
      maxDelayMs: env.RETRY_MAX_DELAY_SECONDS * 1000,
      attemptDelayMs: env.ATTEMPT_DELAY_SECONDS * 1000,
    },
    egress: egressOf(env),
    reconcile: {
      intervalMs: env.RECONCILE_INTERVAL_SECONDS * 1000,
      bucketIntervalMs: env.RECONCILE_BUCKET_INTERVAL_SECONDS * 1000,
    },
    worker: {
      shutdownGraceMs: env.SHUTDOWN_GRACE_SECONDS * 1000,
      lockMs: env.JOB_LOCK_SECONDS * 1000,
      probeMs: env.OPERATOR_PROBE_SECONDS * 1000,
      healthHost: env.HEALTH_HOST,
      healthPort: env.HEALTH_PORT,
    },
    dashboard: {
      // Without a login nobody but this machine may reach the dashboard, whatever DASHBOARD_HOST says.
      host: env.DASHBOARD_USER === undefined ? '127.0.0.1' : (env.DASHBOARD_HOST ?? '0.0.0.0'),
      port: env.DASHBOARD_PORT,
      credentials:
        env.DASHBOARD_USER === undefined || env.DASHBOARD_PASSWORD === undefined
          ? undefined
          : { user: env.DASHBOARD_USER, password: env.DASHBOARD_PASSWORD },
    },
    alerts: {
      webhook:
        env.ALERT_WEBHOOK_URL === undefined
          ? undefined
          : { url: env.ALERT_WEBHOOK_URL, format: env.ALERT_WEBHOOK_FORMAT },
      failedLimit: env.ALERT_FAILED_LIMIT,
      mirrorLagMs: env.ALERT_MIRROR_LAG_SECONDS * 1000,
      stagingFullMs: env.ALERT_STAGING_FULL_SECONDS * 1000,
    },
    logLevel: env.LOG_LEVEL,
  };
}

function azureOf(env: Environment): AzureConfig | undefined {
  const container = env.AZURE_CONTAINER;
  if (env.AZURE_STORAGE_CONNECTION_STRING !== undefined) {
    return { kind: 'connection-string', container, connectionString: env.AZURE_STORAGE_CONNECTION_STRING };
  }
  if (env.AZURE_ACCOUNT_URL !== undefined && env.AZURE_SAS_TOKEN !== undefined) {
    return { kind: 'sas', container, accountUrl: env.AZURE_ACCOUNT_URL, sasToken: env.AZURE_SAS_TOKEN };
  }
  return undefined;
}

function egressOf(env: Environment): EgressConfig {
  const defaults = {
    budgetPerHour: env.EGRESS_BUDGET_PER_HOUR,
    spacingMs: env.EGRESS_SPACING_SECONDS * 1000,
  };
  const [first, ...others] = (env.EGRESS ?? []).map((entry) => ({ ...defaults, ...entry }));
  return {
    identities: [first ?? { name: 'default', ...defaults }, ...others],
    minRestMs: env.THROTTLE_MIN_REST_SECONDS * 1000,
    maxRestMs: env.THROTTLE_MAX_REST_SECONDS * 1000,
  };
}

function filtersOf(env: Environment): PlaylistFilters {
  return {
    live: env.FILTER_LIVE,
    shorts: env.FILTER_SHORTS,
    ...(env.FILTER_MIN_DURATION_SECONDS === undefined
      ? {}
      : { minDurationSeconds: env.FILTER_MIN_DURATION_SECONDS }),
    ...(env.FILTER_MAX_DURATION_SECONDS === undefined
      ? {}
      : { maxDurationSeconds: env.FILTER_MAX_DURATION_SECONDS }),
    ...(env.FILTER_TITLE_INCLUDE === undefined ? {} : { titleInclude: env.FILTER_TITLE_INCLUDE }),
    ...(env.FILTER_TITLE_EXCLUDE === undefined ? {} : { titleExclude: env.FILTER_TITLE_EXCLUDE }),
    ...(env.FILTER_PUBLISHED_AFTER === undefined ? {} : { publishedAfter: env.FILTER_PUBLISHED_AFTER }),
    ...(env.FILTER_NEWEST === undefined ? {} : { newest: env.FILTER_NEWEST }),
  };
}

function deepFreeze<T extends object>(value: T): T {
  for (const child of Object.values(value)) {
    if (typeof child === 'object' && child !== null && !(child instanceof RegExp))
      deepFreeze(child as object);
  }
  return Object.freeze(value);
}
