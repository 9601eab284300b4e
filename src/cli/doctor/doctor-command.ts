import process from 'node:process';
import { gatherEnvironment } from '../../config/load.ts';
import { printResult } from '../command/output.ts';
import { EXIT_UNHEALTHY } from '../command/run-command.ts';
import { formatFindings } from './finding.ts';
import { runChecks } from './run-checks.ts';

/** Checks every tool and server. @returns the exit code */
export async function doctor(json: boolean): Promise<number> {
  const findings = await runChecks(gatherEnvironment(process.env));
  const healthy = findings.every((finding) => finding.state !== 'missing');
  printResult(json, { healthy, findings }, formatFindings(findings));
  return healthy ? 0 : EXIT_UNHEALTHY;
}
