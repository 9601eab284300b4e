import { setTimeout as delay } from 'node:timers/promises';
import type { Program, ProgramOptions, Programs } from './program.ts';
import type { TestWorkerPlan } from './test-worker-plan.ts';

const SCRIPT = new URL('test-worker.ts', import.meta.url);
/** The start of a process on a busy machine, two passes over lost jobs, the work itself. */
export const RECOVERY_DEADLINE_MS = 45_000;

/** Starts a test worker; `programs` ends it with the test. */
export function startTestWorker(programs: Programs, plan: TestWorkerPlan, options: ProgramOptions): Program {
  return programs.startScript(SCRIPT, [JSON.stringify(plan)], options);
}

/** Waits until a program has been killed. @throws Error with what it said, when it ends otherwise or not in time. */
export async function waitForKill(program: Program): Promise<void> {
  const ended = await Promise.race([
    program.ended,
    delay(RECOVERY_DEADLINE_MS, 'nothing within the deadline', { ref: false }),
  ]);
  if (ended !== 'SIGKILL') throw new Error(`It ended with ${String(ended)}:\n${program.stderr()}`);
}
