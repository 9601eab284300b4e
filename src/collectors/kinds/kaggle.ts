import { PermanentError, toJobError } from '../../domain/job-errors.ts';
import { defineCollector, namedEntries } from '../collector.ts';
import { createKaggleApi } from './kaggle/api.ts';
import { collectVersion } from './kaggle/collect-dataset.ts';
import { settingsDigest, settingsSchema, stateSchema } from './kaggle/settings.ts';

/**
 * Rows of the CSV files of Kaggle datasets, weekly. A dataset whose version is already known costs one request. A new
 * version is downloaded, verified by its checksum and read row by row; it is saved in the state only after all rows
 * were yielded. A document is one row: its identity is dataset, file and values, its key the values of `keyColumns`.
 */
export const kaggle = defineCollector({
  kind: 'kaggle',
  settingsSchema,
  stateSchema,
  defaults: {
    schedule: { pattern: '0 4 * * 1', timeZone: 'Europe/Paris' },
    freshness: { warnAfterHours: 8 * 24, errorAfterHours: 15 * 24 },
  },
  missingKey: ({ kaggle: { credentials } }) =>
    credentials === undefined ? 'KAGGLE_USERNAME and KAGGLE_KEY, or KAGGLE_API_TOKEN' : undefined,
  async *collect(context) {
    const { settings, state, access, http, signal, logger } = context;
    const api = createKaggleApi(http, access.kaggle);
    const refs = settings.datasets.map(({ ref }) => ref);
    const known = namedEntries(state?.datasets, refs);
    for (const dataset of settings.datasets) {
      const { ref } = dataset;
      const digest = settingsDigest(dataset, settings);
      let version: number | undefined;
      try {
        const info = await api.fetchInfo(ref, signal);
        ({ version } = info);
        const last = known.get(ref);
        const isKnown = last?.version === info.version && last.settings === digest;
        if (isKnown && last.problem !== undefined) {
          // The same version would be downloaded again and again for the same mistake.
          throw new PermanentError('source_settings', last.problem);
        }
        if (isKnown) {
          const note = `Still version ${String(info.version)}.`;
          yield { type: 'part', name: ref, status: 'unchanged', note };
          continue;
        }
        const { items, notes } = yield* collectVersion(context, api, dataset, info);
        logger.info({ dataset: ref, version: info.version, items }, 'a version of a dataset was read');
        known.set(ref, { version: info.version, settings: digest });
        yield { type: 'part', name: ref, status: 'success', items, note: notes.join('; ') };
        yield { type: 'checkpoint', state: { datasets: Object.fromEntries(known) } };
      } catch (thrown) {
        const error = toJobError(thrown, signal);
        // A pause requested by Kaggle, a full disk and a shutdown concern all datasets.
        if (error.outcome !== 'transient' && error.outcome !== 'permanent') throw error;
        yield { type: 'part', name: ref, status: 'failed', note: error.message, error };
        if (version !== undefined && error.errorClass === 'source_settings') {
          known.set(ref, { version, settings: digest, problem: error.message });
          yield { type: 'checkpoint', state: { datasets: Object.fromEntries(known) } };
        }
      }
    }
  },
});
