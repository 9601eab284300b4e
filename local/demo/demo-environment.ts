import { environmentSchema } from '../../src/config/environment.ts';

/** Short delays, so that the video which fails twice is mirrored within the demo's minute. */
const FAST = {
  ATTEMPT_DELAY_SECONDS: '1',
  RETRY_MIN_DELAY_SECONDS: '1',
  RETRY_MAX_DELAY_SECONDS: '5',
  DOWNLOAD_CONCURRENCY: '2',
  SHUTDOWN_GRACE_SECONDS: '10',
  // The sample channel has no rate limit.
  EGRESS_BUDGET_PER_HOUR: '0',
  EGRESS_SPACING_SECONDS: '0',
};

/**
 * The environment of the demo's programs. The user's own settings are removed, so that no real server is used: a name
 * that is set but empty also keeps a `.env` file from setting it.
 */
export function demoEnvironment(
  inherited: Readonly<Record<string, string | undefined>>,
  variables: Readonly<Record<string, string>>,
): Record<string, string | undefined> {
  const blank = Object.fromEntries(Object.keys(environmentSchema.shape).map((name) => [name, '']));
  return { ...inherited, ...blank, ...FAST, ...variables };
}
