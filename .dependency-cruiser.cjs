/** The import direction of the design: each layer may use those below it, never one above. */
const LAYERS = [
  ['config', 'runtime'],
  ['media', 'storage', 'database', 'queues'],
  ['mirror', 'collectors', 'reports'],
  ['producers'],
  ['workers', 'dashboard'],
  ['cli'],
];
const upwards = LAYERS.slice(0, -1).map((layer, index) => ({
  name: `${layer.join('-')}-import-downwards`,
  severity: 'error',
  from: { path: `^src/(${layer.join('|')})/` },
  to: {
    path: `^src/(${LAYERS.slice(index + 1)
      .flat()
      .join('|')})/`,
  },
}));

module.exports = {
  forbidden: [
    ...upwards,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'queues-know-nothing-of-the-work',
      severity: 'error',
      from: { path: '^src/queues/' },
      to: { path: '^src/(media|storage|database)/' },
    },
    {
      name: 'work-knows-nothing-of-bullmq',
      severity: 'error',
      from: { path: '^src/(media|storage|mirror|collectors|database)/' },
      to: { path: 'node_modules/bullmq' },
    },
    {
      name: 'kinds-of-sources-only-read',
      severity: 'error',
      from: { path: '^src/collectors/kinds/' },
      to: { path: '^src/(database|queues|media|storage|collectors/engine)/' },
    },
    {
      name: 'production-knows-nothing-of-local-or-test',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(local|test|bench)/' },
    },
    {
      name: 'workers-and-dashboard-apart',
      severity: 'error',
      from: { path: '^src/dashboard/' },
      to: { path: '^src/workers/' },
    },
    {
      name: 'only-fluent-ffmpeg-in-one-file',
      severity: 'error',
      from: { pathNot: '^src/media/ffmpeg\\.ts$' },
      to: { path: 'node_modules/(@types/)?fluent-ffmpeg' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.test\\.ts$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
