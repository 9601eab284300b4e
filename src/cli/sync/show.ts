import { addToStats, emptyStats } from '../../mirror/container-stats.ts';
import { formatObject, formatStats } from '../../mirror/mirror-text.ts';
import { filteredPages } from '../../mirror/name-filter.ts';
import { runMirror } from '../../mirror/run-mirror.ts';
import { formatBytes } from '../../text/units.ts';
import { printResult } from '../command/output.ts';
import { mirrorOptions, type SyncContext } from './sync-context.ts';

/** `--list`: the objects of the container, one after the other. */
export async function list({ target, prefix, filter, signal, json, write }: SyncContext): Promise<void> {
  let count = 0;
  let bytes = 0;
  if (json) await write('{"objects":[');
  for await (const page of filteredPages(target.list(prefix, signal), filter)) {
    const lines = page.map((info) => {
      count += 1;
      bytes += info.sizeBytes;
      return json ? `${count === 1 ? '' : ','}\n${JSON.stringify(info)}` : `${formatObject(info)}\n`;
    });
    if (lines.length > 0) await write(lines.join(''));
  }
  await write(
    json
      ? `\n],"totals":${JSON.stringify({ container: target.container, count, bytes })}}\n`
      : `${String(count)} objects, ${formatBytes(bytes)}\n`,
  );
}

/** `--stats`: counts and sizes, and what is not mirrored. */
export async function stats(context: SyncContext): Promise<void> {
  let figures = emptyStats();
  const plan = await runMirror({
    ...mirrorOptions(context),
    dryRun: true,
    onPlanned: (item) => {
      if (item.kind !== 'missing') addToStats(figures, item.target);
    },
    onPlanStart: () => {
      figures = emptyStats();
    },
  });
  const { objects, equal, missing, different, plannedBytes, extra } = plan;
  const totals = { objects, mirrored: equal, missing, different, bytesToCopy: plannedBytes, extra };
  const { container } = context.target;
  printResult(context.json, { container, ...figures, mirror: totals }, formatStats(figures, plan, container));
}

/** `--dry-run`: what would be copied. */
export async function dryRun(context: SyncContext): Promise<void> {
  const { json, write } = context;
  const format = (kind: string, name: string, sizeBytes: number) =>
    json
      ? JSON.stringify({ action: 'copy', kind, name, sizeBytes })
      : `copy  ${name}  ${formatBytes(sizeBytes)}  (${kind})`;
  let plans = 0;
  const plan = await runMirror({
    ...mirrorOptions(context),
    dryRun: true,
    onPlanned: async (item) => {
      if (item.kind === 'missing' || item.kind === 'different') {
        await write(`${format(item.kind, item.source.name, item.source.sizeBytes)}\n`);
      }
    },
    onPlanStart: async () => {
      plans += 1;
      if (plans === 1) return;
      await write(json ? '{"restart":true}\n' : 'The listing was not complete; all again:\n');
    },
  });
  const count = plan.missing + plan.different;
  await write(
    json
      ? `${JSON.stringify({ summary: plan })}\n`
      : `${String(count)} of ${String(plan.objects)} objects would be copied (${formatBytes(plan.plannedBytes)}); nothing was changed.\n`,
  );
}
