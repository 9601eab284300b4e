import type { ControlAction } from './control.ts';
import { requestReportSchema, type RequestReport } from './request-log.ts';

const TIMEOUT_MS = 10_000;
/** Makes a sample channel execute an action. @throws Error with its reason when it refuses. */
export async function controlSampleChannel(controlUrl: string, action: ControlAction): Promise<void> {
  const response = await fetch(controlUrl, {
    method: 'POST',
    body: JSON.stringify(action),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`The sample channel refused: ${await response.text()}`);
}

export async function readSampleChannelRequests(controlUrl: string): Promise<RequestReport> {
  const response = await fetch(controlUrl, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  return requestReportSchema.parse(await response.json());
}
