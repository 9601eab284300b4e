import type { MirrorConfig } from '../../config/config.ts';
import { usageError } from '../command/run-command.ts';

/**
 * The bucket and container that a run is about.
 * @param given the name of the bucket, or `bucket=container`; left out: the main pair.
 * @throws UserError when no such pair is configured.
 */
export function choosePair(
  { pairs }: Pick<MirrorConfig, 'pairs'>,
  given: string | undefined,
): MirrorConfig['pairs'][number] {
  const found = pairs.find(
    ({ bucket, container }) => given === undefined || given === bucket || given === `${bucket}=${container}`,
  );
  if (found !== undefined) return found;
  const known = pairs.map(({ bucket, container }) => `${bucket}=${container}`).join(', ');
  throw usageError(`There is no pair ${JSON.stringify(given)} in MIRROR_PAIRS; there are ${known}.`);
}
