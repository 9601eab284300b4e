import { describe, expect, test } from '@jest/globals';
import type { MediaProgress } from './audio-downloader.ts';
import { classifyFfmpegFailure } from './ffmpeg-errors.ts';
import { FfmpegReport } from './ffmpeg-report.ts';

describe('FfmpegReport', () => {
  test('the duration of the source is that of the first input, not one in a title', () => {
    const report = new FfmpegReport(undefined, () => undefined);
    report.addLine('[info]     title           :   Duration: 09:00:00.00, start: 0', 'stderr');
    report.addLine('[info]   Duration: 00:01:20.50, start: -0.007000, bitrate: 23 kb/s', 'stderr');
    report.addLine('[info]   Duration: 00:09:09.00, bitrate: N/A', 'stderr');
    expect(report.sourceSeconds).toBe(80.5);
  });

  test('an estimated duration does not count', () => {
    const report = new FfmpegReport(undefined, () => undefined);
    report.addLine(
      '[mp3 @ 0x5] [warning] Estimating duration from bitrate, this may be inaccurate',
      'stderr',
    );
    report.addLine('[info]   Duration: 00:01:20.50, start: 0.000000, bitrate: 128 kb/s', 'stderr');
    expect(report.sourceSeconds).toBeUndefined();
  });

  test('progress in percent of the expected duration; only an advance counts as progress', () => {
    const seen: MediaProgress[] = [];
    const report = new FfmpegReport(20, (progress) => void seen.push(progress));
    const activity = [
      'out_time_us=5000000',
      'out_time_us=5000000',
      'out_time_us=N/A',
      'speed=3x',
      'out_time_us=40000000',
    ].map((line) => report.addLine(line, 'stdout'));
    expect(activity).toEqual([true, false, false, false, true]);
    expect(seen.map((progress) => progress.percent)).toEqual([25, 25, 100]);
  });

  test('a limited number of errors is kept, and an early end is noticed', () => {
    const report = new FfmpegReport(undefined, () => undefined);
    for (let count = 0; count < 5000; count += 1)
      report.addLine(`[mp3 @ 0x1] [error] number ${String(count)}`, 'stderr');
    report.addLine('[matroska,webm @ 0x55] [error] File ended prematurely', 'stderr');
    report.addLine('[info] not an error', 'stderr');
    expect(report.errorLines).toHaveLength(100);
    expect(report.errorLines.at(0)).toContain('number 0');
    expect(report.errorLines.at(-1)).toContain('prematurely');
    expect(report.isTruncated).toBe(true);
  });

  test.each([
    ['[error] file:x: No space left on device', 'disk_full'],
    ["[fatal] Unknown encoder 'libmp3lame'", 'tool_missing'],
    ['[error] file:x: Permission denied', 'local_configuration'],
    ["[fatal] Stream map '0:a:0' matches no streams.", 'no_audio'],
    ['[matroska,webm @ 0x55] [error] File ended prematurely', 'truncated_media'],
    ['[error] file:x: Invalid data found when processing input', 'broken_media'],
  ])('%s → %s', (line, errorClass) => {
    const error = classifyFfmpegFailure([line], { exitCode: 1, signal: null });
    expect(error.errorClass).toBe(errorClass);
    expect(error.message).not.toMatch(/\[error\]|0x55/);
  });

  test('a kill by the system is transient', () => {
    expect(classifyFfmpegFailure([], { exitCode: null, signal: 'SIGKILL' }).errorClass).toBe('unknown');
  });
});
