import path from 'node:path';
import { definedFields, recordOf } from '../domain/defined-fields.ts';
import type { EgressAddress } from '../domain/egress-address.ts';
import { QUEUE_NAMES } from '../domain/queues.ts';
import type { Environment } from './environment.ts';
import { redisOf } from './redis-config.ts';
import { concurrencyName } from './settings/workers.ts';

/** Groups the variables by the part of the program that uses them; durations become milliseconds, paths absolute. */
export function toConfig(env: Environment) {
  return {
    redis: redisOf(env),
    mongo: { url: env.MONGO_URL },
    minio: minioOf(env),
    azure: azureOf(env),
    mirror: mirrorOf(env),
    storage: { stallMs: env.STORAGE_STALL_SECONDS * 1000, deadlineMs: env.STORAGE_DEADLINE_SECONDS * 1000 },
    youtubeDataApi:
      env.YOUTUBE_API_KEY === undefined ? undefined : { key: env.YOUTUBE_API_KEY, url: env.YOUTUBE_API_URL },
    playlists: {
      file: env.PLAYLIST_FILE,
      intervalMs: env.PLAYLIST_INTERVAL_HOURS * 3_600_000,
      filters: {
        live: env.FILTER_LIVE,
        shorts: env.FILTER_SHORTS,
        ...definedFields({
          minDurationSeconds: env.FILTER_MIN_DURATION_SECONDS,
          maxDurationSeconds: env.FILTER_MAX_DURATION_SECONDS,
          titleInclude: env.FILTER_TITLE_INCLUDE,
          titleExclude: env.FILTER_TITLE_EXCLUDE,
          publishedAfter: env.FILTER_PUBLISHED_AFTER,
          newest: env.FILTER_NEWEST,
        }),
      },
    },
    staging: {
      form: env.STAGING,
      directory: path.resolve(env.STAGING_DIR),
      maxBytes: env.STAGING_MAX_BYTES,
      maxFiles: env.STAGING_MAX_FILES,
      minFreeBytes: env.STAGING_MIN_FREE_BYTES,
    },
    media: {
      downloaders: env.AUDIO_PROVIDERS,
      profile: env.AUDIO_PROFILE,
      ...definedFields({ audioLanguage: env.AUDIO_LANGUAGE }),
      ytDlpPath: env.YTDLP_PATH,
      isYtDlpResident: env.YTDLP_RESIDENT,
      ytDlpExtraArgs: env.YTDLP_EXTRA_ARGS,
      ...definedFields({
        ytDlpPluginDirectory:
          env.YTDLP_PLUGIN_DIR === undefined ? undefined : path.resolve(env.YTDLP_PLUGIN_DIR),
      }),
      ffmpegPath: env.FFMPEG_PATH,
      ffprobePath: env.FFPROBE_PATH,
      maxSizeBytes: env.MAX_SIZE_BYTES,
      maxOutputBytes: env.MAX_OUTPUT_BYTES,
      maxDurationSeconds: env.MAX_DURATION_SECONDS,
      stallMs: env.DOWNLOAD_STALL_SECONDS * 1000,
      deadlineMs: env.DOWNLOAD_DEADLINE_SECONDS * 1000,
      saveTube: {
        apiUrl: env.SAVETUBE_API_URL,
        cdnScheme: env.SAVETUBE_CDN_SCHEME,
        ...definedFields({ keyHex: env.SAVETUBE_KEY }),
      },
      /** Episodes are fetched under the rules of document collection. */
      enclosures: {
        contactUrl: env.COLLECT_CONTACT_URL,
        allowPrivateAddresses: env.COLLECT_ALLOW_PRIVATE_ADDRESSES,
      },
    },
    concurrency: recordOf(QUEUE_NAMES, (queue) => env[concurrencyName(queue)]),
    retry: {
      rounds: env.RETRY_ROUNDS,
      minDelayMs: env.RETRY_MIN_DELAY_SECONDS * 1000,
      maxDelayMs: env.RETRY_MAX_DELAY_SECONDS * 1000,
      unavailableMaxMs: env.UNAVAILABLE_MAX_DAYS * 86_400_000,
      attemptDelayMs: env.ATTEMPT_DELAY_SECONDS * 1000,
    },
    egress: {
      addresses: egressAddressesOf(env),
      minRestMs: env.THROTTLE_MIN_REST_SECONDS * 1000,
      maxRestMs: env.THROTTLE_MAX_REST_SECONDS * 1000,
    },
    collect: {
      sourcesFile: path.resolve(env.SOURCES_FILE),
      sourceSecrets: env.SOURCE_SECRETS ?? {},
      contactUrl: env.COLLECT_CONTACT_URL,
      timeoutMs: env.COLLECT_TIMEOUT_SECONDS * 1000,
      allowPrivateAddresses: env.COLLECT_ALLOW_PRIVATE_ADDRESSES,
      retry: { rounds: env.COLLECT_RETRY_ROUNDS, delayMs: env.COLLECT_RETRY_DELAY_SECONDS * 1000 },
      access: {
        openWeatherMap: { url: env.OWM_API_URL, key: env.OWM_API_KEY },
        kaggle: { url: env.KAGGLE_API_URL, credentials: kaggleCredentialsOf(env) },
        gdelt: { url: env.GDELT_URL },
      },
    },
    snapshots: {
      schedule: { pattern: env.SNAPSHOT_PATTERN, timeZone: env.SCHEDULE_TIME_ZONE },
      keep: {
        daily: env.SNAPSHOT_KEEP_DAILY,
        weekly: env.SNAPSHOT_KEEP_WEEKLY,
        monthly: env.SNAPSHOT_KEEP_MONTHLY,
      },
      passphrase: env.SNAPSHOT_PASSPHRASE,
    },
    digest: { schedule: { pattern: env.DIGEST_PATTERN, timeZone: env.SCHEDULE_TIME_ZONE } },
    versionLogFile: path.resolve(env.VERSION_LOG_FILE),
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
    dashboard: dashboardOf(env),
    alerts: {
      webhook:
        env.ALERT_WEBHOOK_URL === undefined
          ? undefined
          : { url: env.ALERT_WEBHOOK_URL, format: env.ALERT_WEBHOOK_FORMAT },
      failedLimit: env.ALERT_FAILED_LIMIT,
      failedLogins: env.ALERT_FAILED_LOGINS,
      mirrorLagMs: env.ALERT_MIRROR_LAG_SECONDS * 1000,
      stagingFullMs: env.ALERT_STAGING_FULL_SECONDS * 1000,
    },
    language: env.UI_LANGUAGE,
    logLevel: env.LOG_LEVEL,
  };
}

function dashboardOf(env: Environment) {
  const { DASHBOARD_USER: user, DASHBOARD_PASSWORD: password, DASHBOARD_USERS_FILE: usersFile } = env;
  const hasLogin = user !== undefined || usersFile !== undefined;
  return {
    // Without a login only this machine may reach the dashboard, whatever DASHBOARD_HOST says.
    host: hasLogin ? (env.DASHBOARD_HOST ?? '127.0.0.1') : '127.0.0.1',
    port: env.DASHBOARD_PORT,
    credentials: user === undefined || password === undefined ? undefined : { user, password },
    usersFile: usersFile === undefined ? undefined : path.resolve(usersFile),
    trustedProxies: env.DASHBOARD_TRUSTED_PROXIES,
    publicUrl: env.PUBLIC_URL,
    session: {
      idleMs: env.DASHBOARD_SESSION_IDLE_SECONDS * 1000,
      maxMs: env.DASHBOARD_SESSION_MAX_SECONDS * 1000,
    },
    isBoardWritable: env.BULL_BOARD_WRITABLE,
  };
}

function minioOf(env: Environment) {
  const endpoint = env.MINIO_ENDPOINT;
  const { protocol, hostname, port } = new URL(endpoint.includes('://') ? endpoint : `http://${endpoint}`);
  const useTls = protocol === 'https:';
  return {
    host: hostname,
    port: port === '' ? (useTls ? 443 : 80) : Number(port),
    useTls,
    keys: minioKeysOf(env),
    bucket: env.MINIO_BUCKET,
    region: env.MINIO_REGION,
    addressing: env.MINIO_ADDRESSING,
  };
}

function minioKeysOf(env: Environment) {
  // `parseConfig` has seen that they are set.
  const { MINIO_ACCESS_KEY: accessKey = '', MINIO_SECRET_KEY: secretKey = '' } = env;
  switch (env.MINIO_CREDENTIALS) {
    case 'keys':
      return {
        kind: 'given',
        accessKey,
        secretKey,
        ...definedFields({ sessionToken: env.MINIO_SESSION_TOKEN }),
      } as const;
    case 'assume-role':
      return {
        kind: 'assume-role',
        accessKey,
        secretKey,
        ...definedFields({ stsUrl: env.MINIO_STS_URL, roleArn: env.MINIO_ROLE_ARN }),
      } as const;
    case 'aws':
      return { kind: 'aws' } as const;
  }
}

function azureOf(env: Environment) {
  const container = env.AZURE_CONTAINER;
  if (env.AZURE_STORAGE_CONNECTION_STRING !== undefined) {
    const connectionString = env.AZURE_STORAGE_CONNECTION_STRING;
    return { kind: 'connection-string', container, connectionString } as const;
  }
  if (env.AZURE_ACCOUNT_URL !== undefined && env.AZURE_SAS_TOKEN !== undefined) {
    return {
      kind: 'sas',
      container,
      accountUrl: env.AZURE_ACCOUNT_URL,
      sasToken: env.AZURE_SAS_TOKEN,
    } as const;
  }
  if (env.AZURE_ACCOUNT_URL !== undefined) {
    return { kind: 'identity', container, accountUrl: env.AZURE_ACCOUNT_URL } as const;
  }
  return undefined;
}

function mirrorOf(env: Environment) {
  return {
    /** Of the buckets and containers, the main one first. */
    pairs: [{ bucket: env.MINIO_BUCKET, container: env.AZURE_CONTAINER }, ...(env.MIRROR_PAIRS ?? [])],
    /** 0: never. */
    sweepIntervalMs: env.MIRROR_SWEEP_INTERVAL_SECONDS * 1000,
    copies: env.MIRROR_COPIES,
    ...definedFields({ accessTier: env.AZURE_ACCESS_TIER, bytesPerSecond: env.MIRROR_BANDWIDTH }),
  };
}

/** At least one: the one named `default` when EGRESS is not set. */
function egressAddressesOf(env: Environment): [EgressAddress, ...EgressAddress[]] {
  const defaults = {
    budgetPerHour: env.EGRESS_BUDGET_PER_HOUR,
    spacingMs: env.EGRESS_SPACING_SECONDS * 1000,
  };
  const [first, ...others] = (env.EGRESS ?? []).map((entry) => ({ ...defaults, ...entry }));
  return [first ?? { name: 'default', ...defaults }, ...others];
}

/** User name and key come first because the API documents them for these URLs; the token is used without them. */
function kaggleCredentialsOf(env: Environment) {
  if (env.KAGGLE_USERNAME !== undefined && env.KAGGLE_KEY !== undefined)
    return { kind: 'basic', username: env.KAGGLE_USERNAME, key: env.KAGGLE_KEY } as const;
  return env.KAGGLE_API_TOKEN === undefined
    ? undefined
    : ({ kind: 'bearer', token: env.KAGGLE_API_TOKEN } as const);
}
