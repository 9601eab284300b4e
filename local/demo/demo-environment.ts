import { environmentSchema } from '../../src/config/environment.ts';

/** Short pauses, so that the video which fails twice is through within the demo's minute. */
const QUICK = {
  ATTEMPT_DELAY_SECONDS: '1',
  RETRY_MIN_DELAY_SECONDS: '1',
  RETRY_MAX_DELAY_SECONDS: '5',
  DOWNLOAD_CONCURRENCY: '2',
  SHUTDOWN_GRACE_SECONDS: '10',
  // The sample channel limits nobody.
  EGRESS_BUDGET_PER_HOUR: '0',
  EGRESS_SPACING_SECONDS: '0',
};

/**
 * The environment of the demo's programs: nothing of the user's own settings reaches them, so that no real server
 * is touched. A name that is set but empty also keeps a `.env` file from setting it.
 */
export function demoEnvironment(
  inherited: Readonly<Record<string, string | undefined>>,
  variables: Readonly<Record<string, string>>,
): Record<string, string | undefined> {
  const blank = Object.fromEntries(Object.keys(environmentSchema.shape).map((name) => [name, '']));
  return { ...inherited, ...blank, ...QUICK, ...variables };
}
