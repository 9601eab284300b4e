import type { Environment } from './environment.ts';
import type { toConfig } from './to-config.ts';

/** The whole configuration: typed, checked and frozen; made once in each entry file. Durations are in milliseconds. */
export type Config = DeepReadonly<ReturnType<typeof toConfig>>;

type DeepReadonly<T> = T extends RegExp | Date ? T : { readonly [Key in keyof T]: DeepReadonly<T[Key]> };

export type MinioConfig = Config['minio'];
export type AzureConfig = NonNullable<Config['azure']>;
/** The time limits of one call to an object store. */
export type StorageLimits = Config['storage'];
/** Which entries of a playlist become videos to archive; the others are recorded as skipped. */
export type PlaylistFilters = Config['playlists']['filters'];
export type StagingConfig = Config['staging'];
export type MediaConfig = Config['media'];
export type RetryConfig = Config['retry'];
export type EgressConfig = Config['egress'];
export type CollectConfig = Config['collect'];
/** URLs of the services that documents are collected from, and the credentials for them. */
export type CollectorAccess = CollectConfig['access'];
export type KaggleCredentials = NonNullable<CollectorAccess['kaggle']['credentials']>;
export type MirrorConfig = Config['mirror'];
export type SnapshotConfig = Config['snapshots'];
export type AlertConfig = Config['alerts'];
export type AlertFormat = Environment['ALERT_WEBHOOK_FORMAT'];
