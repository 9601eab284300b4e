import { describe, expect, test } from '@jest/globals';
import type { EgressStatus } from '../egress/egress-status.ts';
import { ytDlpWarnings } from './yt-dlp-warnings.ts';

const NOW = new Date('2026-12-25T12:00:00Z');

function address(identity: string, reason: string | null): EgressStatus {
  return {
    identity,
    reason,
    state: reason === null ? 'closed' : 'open',
    until: null,
    since: null,
    advice: null,
    item: null,
    probe: null,
    budgetPerHour: null,
    usedLastHour: 0,
    nextStartSeconds: 0,
  };
}

describe('warnings to update yt-dlp', () => {
  test('none for a new version, none for an unknown one', () => {
    expect(ytDlpWarnings('2026.12.01', [address('default', null)], NOW)).toEqual([]);
    expect(ytDlpWarnings(undefined, [], NOW)).toEqual([]);
  });

  test('one for an old version, which names the command', () => {
    const [warning] = ytDlpWarnings('2026.08.19', [], NOW);
    expect(warning?.kind).toBe('age');
    expect(warning?.message).toContain('128 days');
    expect(warning?.advice).toContain('npm run update-yt-dlp');
  });

  test('one when extraction fails across the board; other outages and refusals are not about yt-dlp', () => {
    const egress = [
      address('home', 'extraction'),
      address('office', 'network'),
      address('vpn', 'bot_check'),
      address('proxy', 'extraction'),
    ];
    const warnings = ytDlpWarnings('2026.12.01', egress, NOW);
    expect(warnings).toEqual([
      {
        kind: 'extraction',
        message: expect.stringMatching(/home, proxy.*site has changed/),
        advice: expect.stringContaining('npm run update-yt-dlp'),
      },
    ]);
  });
});
