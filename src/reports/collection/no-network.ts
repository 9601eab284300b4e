import type { Database } from '../../database/database.ts';

/** Fewer that fail alike may be at fault themselves. */
const MIN_SOURCES = 2;

/**
 * Says once that this machine has no network, in place of a failure for each source: when the last run of every enabled
 * source failed to reach its site.
 */
export async function readNoNetwork({
  sources,
  runOverview,
}: Pick<Database, 'sources' | 'runOverview'>): Promise<{ message: string; advice: string } | undefined> {
  const enabled = (await sources.all()).filter((source) => source.configured && !source.disabled_reason);
  if (enabled.length < MIN_SOURCES) return undefined;
  for (const { _id } of enabled) {
    const run = await runOverview.latestEndedOf(_id);
    if (run?.status !== 'failed' || run.error?.class !== 'network') return undefined;
  }
  return {
    message: `No network: none of the ${String(enabled.length)} sources of documents can be reached.`,
    advice:
      'They are collected again by themselves. To collect none, empty the list of sources.yaml and restart the worker.',
  };
}
