import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDirectory } from './paths.mjs';
import { step } from './progress.mjs';
import { findProgram, isProgram, runProgram } from './run-program.mjs';

const DOWNLOADER = fileURLToPath(new URL('download-mongod.mjs', import.meta.url));
const DEFAULT_SOURCE = 'https://fastdl.mongodb.org';
const REACH_TIMEOUT_MS = 5_000;
const DOWNLOAD_TIMEOUT_MS = 5 * 60_000;
/** A failed download is not tried again for this long. */
const FAILURE_KEPT_MS = 3 * 24 * 3600_000;

const directory = () => path.join(cacheDirectory(), 'mongod');
const failureFile = () => path.join(cacheDirectory(), 'mongod-download-failed.json');
const foundFile = () => path.join(cacheDirectory(), 'mongod.json');

/** A MongoDB server on the PATH, else one that was downloaded. @returns {string | undefined} */
export function findMongod() {
  const installed = findProgram('mongod');
  if (installed !== undefined) return installed;
  const downloaded = read(foundFile())?.['program'];
  return typeof downloaded === 'string' && isProgram(downloaded) ? downloaded : undefined;
}

/** Whether a download is tried: none failed recently, and its source answers. @returns {Promise<boolean>} */
export async function mongodCanBeDownloaded() {
  const failedAt = read(failureFile())?.['failedAt'];
  if (typeof failedAt === 'number' && Date.now() - failedAt < FAILURE_KEPT_MS) return false;
  try {
    await fetch(process.env['MONGOMS_DOWNLOAD_MIRROR'] || DEFAULT_SOURCE, {
      method: 'HEAD',
      signal: AbortSignal.timeout(REACH_TIMEOUT_MS),
    });
    return true;
  } catch {
    recordFailure();
    return false;
  }
}

/**
 * Downloads MongoDB's own server for this user, with the package that test suites use for it.
 * @param {string} node
 * @returns {Promise<string | undefined>} its path; undefined when it cannot be downloaded or does not run
 */
export async function downloadMongod(node) {
  try {
    const output = await step('MongoDB, downloaded once', () => {
      mkdirSync(directory(), { recursive: true });
      return runProgram(node, [DOWNLOADER, directory()], { timeoutMs: DOWNLOAD_TIMEOUT_MS });
    });
    const program = output.trim();
    // It may have been built for another C library or another processor.
    await runProgram(program, ['--version'], { timeoutMs: 30_000 });
    writeFileSync(foundFile(), JSON.stringify({ program }));
    return program;
  } catch {
    recordFailure();
    return undefined;
  }
}

function recordFailure() {
  mkdirSync(cacheDirectory(), { recursive: true });
  writeFileSync(failureFile(), JSON.stringify({ failedAt: Date.now() }));
}

/** @param {string} file @returns {Record<string, unknown> | undefined} */
function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
