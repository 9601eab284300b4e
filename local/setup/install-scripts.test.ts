import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT } from './paths.mjs';

/**
 * The packages with an install script, none of which is run. Their programs come as packages of their own for each platform;
 * the scripts only build them where there is none, or check them.
 */
const NOT_RUN = ['@parcel/watcher', '@swc/core', 'msgpackr-extract', 'protobufjs', 'unrs-resolver'];

test('npm runs no install scripts, and every package that has one is known', () => {
  expect(readFileSync(path.join(ROOT, '.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m);
  const { packages } = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { hasInstallScript?: boolean }>;
  };
  const found = Object.entries(packages)
    .filter(([, { hasInstallScript }]) => hasInstallScript === true)
    .map(([place]) => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length));
  expect([...new Set(found)].sort()).toEqual(NOT_RUN);
});

test('nothing that production needs is optional: images leave such packages out', () => {
  const { packages } = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dependencies?: Record<string, string> }>;
  };
  const own = Object.keys(packages['']?.dependencies ?? {});
  const optional = Object.entries(packages)
    .filter(([, entry]) => 'optional' in entry || 'devOptional' in entry)
    .map(([place]) => place.replace('node_modules/', ''));
  expect(own.filter((name) => optional.includes(name))).toEqual([]);
});
