import { z } from 'zod';
import { collectionSettings, snapshotSettings } from './settings/collection.ts';
import { alertSettings, dashboardSettings, loggingSettings, textSettings } from './settings/dashboard.ts';
import { downloadSettings, playlistSettings } from './settings/media.ts';
import { mirrorSettings } from './settings/mirror.ts';
import { serverSettings } from './settings/servers.ts';
import { settingInfo } from './settings/setting.ts';
import { egressSettings, workerSettings } from './settings/workers.ts';

/** The settings under the headings of `.env.example` and docs/configuration.md, which are generated from them. */
export const SETTING_GROUPS = {
  Servers: serverSettings,
  'The mirror in Azure': mirrorSettings,
  Playlists: playlistSettings,
  'Collecting documents': collectionSettings,
  'Snapshots and digest': snapshotSettings,
  Downloading: downloadSettings,
  'Egress addresses': egressSettings,
  Workers: workerSettings,
  Dashboard: dashboardSettings,
  Alerts: alertSettings,
  Texts: textSettings,
  Logging: loggingSettings,
} as const satisfies Record<string, Record<string, z.ZodType>>;

/** Every environment variable that this program reads. */
export const environmentSchema = z.object({
  ...serverSettings,
  ...mirrorSettings,
  ...playlistSettings,
  ...collectionSettings,
  ...snapshotSettings,
  ...downloadSettings,
  ...egressSettings,
  ...workerSettings,
  ...dashboardSettings,
  ...alertSettings,
  ...textSettings,
  ...loggingSettings,
});

/** The values of the environment, by the names of its variables. */
export type Environment = z.output<typeof environmentSchema>;

/** Variables whose value may instead be read from the file that `<NAME>_FILE` names. */
export const SECRET_NAMES = Object.entries(environmentSchema.shape)
  .filter(([, type]) => settingInfo(type).secret === true)
  .map(([name]) => name);
