import mongoose from 'mongoose';
import { z } from 'zod';
import type { Config } from '../../config/config.ts';
import { isAtLeast, type Finding } from './finding.ts';
import { firstLine, hostOf } from './server-text.ts';

/** What the driver of mongoose 9 needs. */
const OLDEST_MONGO = '4.4';
const TIMEOUT_MS = 5_000;

const buildInfoSchema = z.object({ version: z.string() });

/** Version of MongoDB; never throws. */
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
      const ok = isAtLeast(version, OLDEST_MONGO);
      return {
        ...common,
        state: ok ? 'ok' : 'missing',
        found: version,
        advice: ok ? '' : 'use a newer MongoDB',
      };
    } finally {
      await client.close();
    }
  } catch (error) {
    const advice = `not reachable (${firstLine(error)}): check MONGO_URL`;
    return { ...common, state: 'missing', found: '', advice };
  }
}
