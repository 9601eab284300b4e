import { describe, expect, test } from '@jest/globals';
import { parseEgressEntries } from './egress-entries.ts';

describe('EGRESS', () => {
  test('several egress addresses, each with its options', () => {
    const text =
      'home: budget=300; office: proxy=socks5://user:p%3Bw@10.0.0.2:1080, cookies=/run/secrets/office.txt, budget=1000, spacing=2.5; bare';
    expect(parseEgressEntries(text)).toEqual({
      problems: [],
      entries: [
        { name: 'home', budgetPerHour: 300 },
        {
          name: 'office',
          proxy: 'socks5://user:p%3Bw@10.0.0.2:1080',
          cookiesFile: '/run/secrets/office.txt',
          budgetPerHour: 1000,
          spacingMs: 2500,
        },
        { name: 'bare' },
      ],
    });
  });

  test('every problem is listed with its place and without the value', () => {
    const text =
      'a b: budget=1; home: budget=-3, speed=9, proxy=ftp://user:secret@host/; home: budget=1.5, budget=2, spacing=soon, cookies=';
    const { problems } = parseEgressEntries(text);
    expect(problems).toEqual([
      'entry 1 does not begin with a name (1–32 letters, digits, _ and -) and a colon',
      'entry 2 (home): option 2 is not one of proxy=…, cookies=…, budget=…, spacing=…',
      'entry 2 (home): proxy is not a URL such as socks5://host:port (http, https, socks4, socks4a, socks5, socks5h)',
      'entry 2 (home): budget is not a whole number of starts per hour',
      'entry 3 (home) has the name of another entry',
      'entry 3 (home): budget is given twice',
      'entry 3 (home): cookies names no file',
      'entry 3 (home): budget is not a whole number of starts per hour',
      'entry 3 (home): spacing is not a number of seconds',
    ]);
    expect(problems.join()).not.toContain('secret');
  });

  test('an empty text names no egress address', () => {
    expect(parseEgressEntries(' ; ').problems).toEqual(['names no egress address']);
  });
});
