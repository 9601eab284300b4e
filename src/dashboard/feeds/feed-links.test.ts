import type { Request } from 'express';
import { expect, test } from '@jest/globals';
import { feedLinks, publicBase } from './feed-links.ts';

const request = (host: string, protocol = 'http') => ({ host, protocol }) as Request;

test.each([
  ['archive.example.org', 'https', 'https://archive.example.org'],
  ['127.0.0.1:3000', 'http', 'http://127.0.0.1:3000'],
  ['[2001:db8::1]:8080', 'http', 'http://[2001:db8::1]:8080'],
  ['evil.example"><x', 'http', 'http://localhost'],
  ['a@b', 'http', 'http://localhost'],
  ['', 'http', 'http://localhost'],
])('the address of a request to %j', (host, protocol, expected) => {
  expect(publicBase(request(host, protocol), undefined)).toBe(expected);
});

test('the configured address comes first', () => {
  expect(publicBase(request('evil.example'), 'https://a.example/audio')).toBe('https://a.example/audio');
});

test('ids of any script are one segment of a path', () => {
  const links = feedLinks('https://a.example/feeds');
  expect(links.feed('handle.été/x?#', 2)).toBe(
    'https://a.example/feeds/handle.%C3%A9t%C3%A9%2Fx%3F%23.xml?archive=2',
  );
  expect(links.audio('youtube.a-b_c', 'm4a')).toBe('https://a.example/feeds/audio/youtube.a-b_c.m4a');
  expect(links.cover('playlist.PLx')).toBe('https://a.example/feeds/cover/playlist.PLx.jpg');
});
