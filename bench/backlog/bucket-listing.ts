import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { forEachConcurrently } from '../../src/runtime/concurrency.ts';
import { checksumFile } from '../../src/storage/checksums.ts';
import { openMinioStore } from '../../src/storage/open-stores.ts';
import { createBenchConfig } from '../support/bench-config.ts';
import { removeObjects } from '../support/clean-up.ts';
import { measure } from '../support/measure.ts';

const OBJECTS = 3_000;
const CONCURRENCY = 8;

/** Lists a bucket of small objects. @returns how long that takes for each, in milliseconds */
export async function measureBucketListing(directory: string): Promise<number> {
  const bench = createBenchConfig();
  const { signal } = new AbortController();
  const store = openMinioStore(bench.config.minio, bench.config.storage);
  try {
    await store.ensureContainer(signal);
    const file = path.join(directory, 'object');
    await writeFile(file, 'audio');
    const put = { file, contentType: 'audio/mpeg', metadata: {}, ...(await checksumFile(file)) };
    const names = Array.from(
      { length: OBJECTS },
      (_value, index) => `audio/youtube/${String(index).padStart(11, '0')}.mp3`,
    );
    await forEachConcurrently(
      () => names,
      { concurrency: CONCURRENCY, signal },
      async (name) => {
        await store.putFile({ ...put, name }, { signal });
      },
    );
    let listed = 0;
    const { seconds } = await measure(async () => {
      for await (const page of store.list('', signal)) listed += page.length;
    });
    if (listed !== OBJECTS) throw new Error(`${String(listed)} of ${String(OBJECTS)} objects were listed.`);
    return (seconds * 1000) / OBJECTS;
  } finally {
    store.close();
    await removeObjects(bench);
  }
}
