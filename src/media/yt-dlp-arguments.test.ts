import { describe, expect, test } from '@jest/globals';
import { childEnvironment } from '../runtime/child-process-environment.ts';
import { downloadArguments, ytDlpArguments } from './yt-dlp-arguments.ts';

const KEY = { provider: 'youtube', videoId: '-abcdefghij' } as const;

describe('the arguments of yt-dlp', () => {
  const args = downloadArguments(KEY, '/staging/work/job-1', {
    ytDlpExtraArgs: ['--proxy', 'http://proxy'],
    maxSizeBytes: 1000,
    maxDurationSeconds: 60,
    withCover: true,
  });

  test('the address is the canonical one, at the end', () => {
    expect(args.at(-1)).toBe('https://www.youtube.com/watch?v=-abcdefghij');
    expect(args.filter((argument) => argument.includes(KEY.videoId))).toHaveLength(1);
  });

  test('the extra arguments come last and so override the others', () => {
    expect(args.slice(-3, -1)).toEqual(['--proxy', 'http://proxy']);
  });

  test('neither the configuration of this machine nor the site decides what is run or where files are written', () => {
    for (const argument of ['--no-plugin-dirs', '--no-exec', '--use-extractors']) {
      expect(args).toContain(argument);
    }
    expect(args.join(' ')).not.toMatch(/%\(title|%\(id\)s/);
  });

  test('the original language comes before the quality, a wanted language before the original', () => {
    const formatOf = (language?: string) => {
      const all = downloadArguments(KEY, '/x', {
        ...{ ytDlpExtraArgs: [], maxSizeBytes: 1, maxDurationSeconds: 60, withCover: false },
        ...(language === undefined ? {} : { language }),
      });
      expect(all[all.indexOf('--format-sort') + 1]).toBe('lang');
      return all[all.indexOf('--format') + 1];
    };
    expect(formatOf()).toBe('bestaudio/best');
    expect(formatOf('fr')).toMatch(/^bestaudio\[language=fr\]\/.*\/bestaudio\/best$/);
  });

  test('the JavaScript runtime is the running Node', () => {
    const all = ytDlpArguments([], { ytDlpExtraArgs: [] }, 'https://x', '/opt/node');
    expect(all.slice(all.indexOf('--no-js-runtimes')).slice(0, 3)).toEqual([
      '--no-js-runtimes',
      '--js-runtimes',
      'node:/opt/node',
    ]);
  });
});

describe('the environment of child programs', () => {
  test('has what is needed to run and nothing secret', () => {
    const own = {
      PATH: '/bin',
      HOME: '/home/x',
      https_proxy: 'http://p',
      MINIO_SECRET_KEY: 's',
      MONGO_URL: 'm',
    };
    expect(childEnvironment(own)).toEqual({
      PATH: '/bin',
      HOME: '/home/x',
      https_proxy: 'http://p',
      PYTHONUTF8: '1',
    });
  });
});
