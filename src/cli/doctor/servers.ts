import mongoose from 'mongoose';
import { z } from 'zod';
import type { Config } from '../../config/config.ts';
import { parseRedisUrl } from '../../config/redis-url.ts';
import { egressLedgerOf } from '../../egress/egress-ledger.ts';
import { readEgressStatus } from '../../egress/egress-status.ts';
import { connectRedis } from '../../queues/connections.ts';
import { lastFailure, type RedisConnection } from '../../queues/redis-connection.ts';
import { readRedisHealth } from '../../queues/redis-health.ts';
import { redisRefusal } from '../../queues/redis-refusal.ts';
import { extractionWarnings } from '../../reports/yt-dlp-warnings.ts';
import { checked, firstLine, hostOf, isAtLeast, type Finding } from './finding.ts';

/** Recommended by BullMQ. */
const OLDEST_REDIS = '6.2';
/** Required by the driver of mongoose 9. */
const OLDEST_MONGO = '4.4';
const TIMEOUT_MS = 5_000;
/** How a connection ends that has no TLS where the server wants it, or no certificate. */
const RESET = /\bECONNRESET\b|socket disconnected before secure TLS connection/;
const RESET_ADVICE =
  '; a server that ends connections may want TLS (rediss://) or a certificate (REDIS_TLS_CERT_FILE)';

const buildInfoSchema = z.object({ version: z.string() });

/** The version, append-only file and eviction policy of Redis, and what workers say there of yt-dlp; never throws. */
export async function checkRedis(config: Config['redis']): Promise<readonly Finding[]> {
  const { kind, addresses } = parseRedisUrl(config.url);
  const places = addresses.map(({ host, port }) => `${host}:${String(port)}`).join(', ');
  const common = {
    name: 'redis',
    needed: `${OLDEST_REDIS} or newer, AOF, noeviction`,
    where: kind === 'single' ? places : `${kind} ${places}`,
  };
  const client = connectRedis(config, 'check');
  try {
    await client.connect();
    const { version, hasAppendOnlyFile, evictionPolicy, warnings } = await readRedisHealth(client);
    const problems = warnings.map(({ message, advice }) => `${message} ${advice}`);
    if (!isAtLeast(version, OLDEST_REDIS)) problems.unshift('Use a newer Redis.');
    const found = `${version}, ${hasAppendOnlyFile ? 'AOF' : 'no AOF'}, ${evictionPolicy}`;
    return [
      checked(problems.length === 0, { ...common, found, advice: problems.join(' ') }),
      ...(await checkExtraction(client, config)),
    ];
  } catch (error) {
    const failure = lastFailure(client);
    const reason = firstLine(causeOf(failure ?? error));
    const refusal = await redisRefusal(config, [error, failure]);
    const advice =
      refusal === undefined
        ? `not reachable (${reason}): check REDIS_URL${RESET.test(reason) ? RESET_ADVICE : ''}`
        : `refuses access (${refusal}): check the user and password in REDIS_URL, REDIS_TLS_… and the settings of the server`;
    return [{ ...common, state: 'missing', found: '', advice }];
  } finally {
    client.disconnect();
  }
}

/** A cluster only says that none of its nodes can be reached; the last node says why. */
function causeOf(error: unknown): unknown {
  return error instanceof Error && 'lastNodeError' in error ? (error.lastNodeError ?? error) : error;
}

/** A warning when most videos fail as they do when yt-dlp is too old for the site; nothing when that is not known. */
async function checkExtraction(
  redis: RedisConnection,
  { prefix }: Config['redis'],
): Promise<readonly Finding[]> {
  const egress = await readEgressStatus(egressLedgerOf({ redis, prefix }), new Date()).catch(() => []);
  return extractionWarnings(egress).map(({ message, advice }) => ({
    name: 'extraction',
    state: 'warning',
    found: 'failing',
    needed: '',
    where: '',
    advice: `${message} ${advice}`,
  }));
}

/** The version of MongoDB; never throws. */
export async function checkMongo(config: Config['mongo']): Promise<Finding> {
  const common = { name: 'mongodb', needed: `${OLDEST_MONGO} or newer`, where: hostOf(config.url) };
  try {
    const client = new mongoose.mongo.MongoClient(config.url, {
      serverSelectionTimeoutMS: TIMEOUT_MS,
      connectTimeoutMS: TIMEOUT_MS,
      socketTimeoutMS: TIMEOUT_MS,
    });
    try {
      const { version } = buildInfoSchema.parse(await client.db().command({ buildInfo: 1 }));
      const isOk = isAtLeast(version, OLDEST_MONGO);
      return checked(isOk, { ...common, found: version, advice: 'use a newer MongoDB' });
    } finally {
      await client.close();
    }
  } catch (error) {
    const advice = `not reachable (${firstLine(error)}): check MONGO_URL`;
    return { ...common, state: 'missing', found: '', advice };
  }
}
