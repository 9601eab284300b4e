import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { environmentSchema, SECRET_NAMES } from '../../src/config/environment.ts';
import { QUEUE_NAMES } from '../../src/domain/queues.ts';
import { METRICS } from '../../src/dashboard/metric-list.ts';
import { ensureChartTools, type ChartTools } from '../support/chart-tools.ts';

const CHART = fileURLToPath(new URL('../../deploy/helm/sonotheque', import.meta.url));
const KEDA = fileURLToPath(new URL('keda', import.meta.url));
/** The oldest that the chart takes, and newer ones. */
const KUBERNETES_VERSIONS = ['1.27', '1.31', '1.34'];
const IMAGE = ['--set', 'image.repository=registry.example/sonotheque'];
const DIRECTORY = ['--set', 'staging.form=directory'];
const EVERYTHING = [
  ...IMAGE,
  ...['--set-string', `image.digest=sha256:${'0'.repeat(64)}`],
  ...['--set', 'imagePullSecrets[0].name=pull', '--set-string', 'config.EGRESS_BUDGET_PER_HOUR=200'],
  ...[
    '--set-string',
    'config.MINIO_ENDPOINT=https://minio.example:9000',
    '--set',
    'existingFilesSecret=files',
  ],
  ...['--set-string', 'playlists=PLabc # one\nPLdef', '--set-string', 'sources=sources: []'],
  ...DIRECTORY,
  ...['--set', 'staging.storageClass=nfs'],
  ...['--set', 'workers.download.autoscaling.enabled=true'],
  ...['--set', 'workers.upload.autoscaling.enabled=true', '--set', 'workers.sync.autoscaling.enabled=true'],
  ...['--set', 'dashboard.ingress.enabled=true', '--set', 'dashboard.ingress.host=archive.example'],
  ...['--set', 'dashboard.ingress.tlsSecret=tls', '--set', 'dashboard.ingress.className=nginx'],
  ...['--set-json', 'networkPolicy.dashboardFrom=[{"namespaceSelector":{"matchLabels":{"name":"keda"}}}]'],
  ...['--set-json', 'tolerations=[{"key":"audio","operator":"Exists"}]', '--set', 'nodeSelector.disk=fast'],
  ...[
    '--set',
    'podLabels.team=audio',
    '--set',
    'podAnnotations.note=x',
    '--set',
    'serviceAccount.annotations.role=none',
  ],
];

const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});
type KubernetesObject = z.output<typeof objectSchema>;
const podSchema = z.looseObject({
  spec: z.looseObject({
    terminationGracePeriodSeconds: z.number(),
    volumes: z.array(z.looseObject({ name: z.string() })),
    automountServiceAccountToken: z.literal(false),
    securityContext: z.looseObject({ runAsNonRoot: z.literal(true), runAsUser: z.number().min(1) }),
    containers: z
      .array(
        z.looseObject({
          image: z.string(),
          args: z.array(z.string()),
          securityContext: z.object({
            allowPrivilegeEscalation: z.literal(false),
            readOnlyRootFilesystem: z.literal(true),
            capabilities: z.object({ drop: z.tuple([z.literal('ALL')]) }),
          }),
          resources: z.object({ requests: z.looseObject({}), limits: z.looseObject({ memory: z.string() }) }),
        }),
      )
      .length(1),
  }),
});

const run = promisify(execFile);
let tools: ChartTools | undefined;

beforeAll(async () => {
  tools = await ensureChartTools();
  if (tools === undefined)
    process.stderr.write('SKIPPED: the Helm chart is rendered on Linux on x86-64 only.\n');
});

async function render(
  { helm }: ChartTools,
  options: readonly string[],
  release = 'archive',
): Promise<KubernetesObject[]> {
  const { stdout } = await run(
    helm,
    ['template', release, CHART, '--namespace', 'audio', '--kube-version', '1.31.0', ...options],
    { maxBuffer: 16 * 1024 * 1024 },
  );
  return parseAllDocuments(stdout)
    .map((document) => document.toJS() as unknown)
    .filter((content) => content !== null)
    .map((content) => objectSchema.parse(content));
}

function podsOf(objects: readonly KubernetesObject[]) {
  return objects
    .filter(({ kind }) => kind === 'Deployment' || kind === 'Job')
    .map(({ metadata, ...rest }) => ({
      name: metadata.name,
      ...podSchema.parse(
        z.looseObject({ spec: z.looseObject({ template: z.unknown() }) }).parse(rest).spec.template,
      ).spec,
    }));
}

/** The strict schema of a kind in a version of Kubernetes, or that of KEDA. */
function validatorsOf({ schemas }: ChartTools, version: string) {
  const directory = path.join(schemas, `v${version}.0-local-strict`);
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  const definitions = path.join(directory, '_definitions.json');
  ajv.addSchema(JSON.parse(readFileSync(definitions, 'utf8')) as object, '_definitions.json');
  for (const name of readdirSync(KEDA)) {
    const { spec } = crdSchema.parse(parse(readFileSync(path.join(KEDA, name), 'utf8')));
    for (const { schema } of spec.versions) {
      const { properties } = schema.openAPIV3Schema;
      const bare = { type: 'object', required: ['spec'], properties: { ...properties, metadata: {} } };
      ajv.addSchema(closed(bare) as object, `keda.sh/v1alpha1/${spec.names.kind}`);
    }
  }
  const compiled = new Map<string, ValidateFunction>();
  return ({ apiVersion, kind }: KubernetesObject): ValidateFunction => {
    const [group = '', number = group] = apiVersion.split('/');
    const name = `${apiVersion}/${kind}`;
    const known = compiled.get(name) ?? ajv.getSchema(name);
    if (known !== undefined) return known;
    const file =
      `${kind}-${apiVersion.includes('/') ? `${group.split('.')[0] ?? ''}-` : ''}${number}.json`.toLowerCase();
    const validate = ajv.compile(JSON.parse(readFileSync(path.join(directory, file), 'utf8')) as object);
    compiled.set(name, validate);
    return validate;
  };
}

const crdSchema = z.object({
  spec: z.object({
    names: z.object({ kind: z.string() }),
    versions: z.array(
      z.object({ schema: z.object({ openAPIV3Schema: z.object({ properties: z.looseObject({}) }) }) }),
    ),
  }),
});

/** A schema of KEDA that refuses unknown fields, which a server would drop. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([name, value]) => [name, closed(value)] as const);
  const isClosed = 'properties' in schema && !('x-kubernetes-preserve-unknown-fields' in schema);
  return Object.fromEntries(isClosed ? [...entries, ['additionalProperties', false]] : entries);
}

describe('deploy/helm', () => {
  test.each(KUBERNETES_VERSIONS)('every object is valid in Kubernetes %s', async (version) => {
    if (tools === undefined) return;
    const validatorOf = validatorsOf(tools, version);
    for (const options of [IMAGE, EVERYTHING]) {
      const objects = await render(tools, options);
      const faults = objects.flatMap((object) => {
        const name = `${object.kind} ${object.metadata.name}`;
        const validate = validatorOf(object);
        return validate(object) ? [] : [{ name, errors: validate.errors }];
      });
      expect(faults).toEqual([]);
    }
  });

  test('the schemas find a wrong field', async () => {
    if (tools === undefined) return;
    const validatorOf = validatorsOf(tools, '1.31');
    const objects = await render(tools, EVERYTHING);
    for (const kind of ['Deployment', 'ScaledObject', 'NetworkPolicy']) {
      const object = objects.find((one) => one.kind === kind);
      if (object === undefined) throw new Error(`There is no ${kind}.`);
      const spec = { ...z.looseObject({}).parse(object['spec']), misspelt: 1 };
      const validate: (value: unknown) => unknown = validatorOf(object);
      expect(validate({ ...object, spec })).toBe(false);
    }
  });

  test('every pod runs without rights, with limits, and with time to put its jobs back', async () => {
    if (tools === undefined) return;
    const pods = podsOf(await render(tools, EVERYTHING));
    const graceSeconds = environmentSchema.shape.SHUTDOWN_GRACE_SECONDS.parse(undefined);
    expect(pods).toHaveLength(7);
    for (const pod of pods) expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(graceSeconds + 10);
    for (const { containers } of pods) expect(containers[0]?.image).toContain('@sha256:');
  });

  test('pods share no disk, unless staging is a directory', async () => {
    if (tools === undefined) return;
    const claims = (objects: readonly KubernetesObject[]) =>
      objects.filter(({ kind }) => kind === 'PersistentVolumeClaim').length;
    const formOf = (objects: readonly KubernetesObject[]) =>
      z.looseObject({ STAGING: z.string() }).parse(objects.find(({ kind }) => kind === 'ConfigMap')?.['data'])
        .STAGING;
    const [usual, directory] = [await render(tools, IMAGE), await render(tools, EVERYTHING)];
    const own = await render(tools, [...IMAGE, ...DIRECTORY, '--set', 'staging.existingClaim=mine']);
    expect([usual, directory, own].map(formOf)).toEqual(['s3', 'directory', 'directory']);
    expect([usual, directory, own].map(claims)).toEqual([0, 1, 0]);
    expect(JSON.stringify(usual)).not.toContain('persistentVolumeClaim');
    expect(JSON.stringify(own)).toContain('"claimName":"mine"');
    for (const { volumes } of podsOf(usual)) {
      expect(volumes).toContainEqual({ name: 'staging', emptyDir: { sizeLimit: '20Gi' } });
    }
    await expect(render(tools, [...IMAGE, '--set', 'staging.form=nfs'])).rejects.toThrow('form');
    await expect(render(tools, [...IMAGE, '--set-string', 'config.STAGING=directory'])).rejects.toThrow(
      'config',
    );
  });

  test('the workers take jobs of every queue', async () => {
    if (tools === undefined) return;
    const pods = podsOf(await render(tools, IMAGE));
    const queues = pods.flatMap(({ containers }) => {
      const [command, ...names] = containers[0]?.args ?? [];
      return command === 'worker' ? names : [];
    });
    expect(queues.toSorted()).toEqual([...QUEUE_NAMES].toSorted());
  });

  test('names of settings are those of the program, and secrets are refused', async () => {
    if (tools === undefined) return;
    const objects = await render(tools, EVERYTHING);
    const config = objects.find(({ kind }) => kind === 'ConfigMap');
    const known = [...Object.keys(environmentSchema.shape), 'COMMAND_PREFIX'];
    expect(known).toEqual(expect.arrayContaining(Object.keys(z.looseObject({}).parse(config?.['data']))));
    for (const secret of SECRET_NAMES) {
      await expect(render(tools, [...IMAGE, '--set-string', `config.${secret}=x`])).rejects.toThrow('config');
    }
    await expect(render(tools, [])).rejects.toThrow('image.repository');
    await expect(render(tools, [...IMAGE, '--set', 'worker.download=1'])).rejects.toThrow('worker');
  });

  test('scaling reads metrics that the dashboard has', async () => {
    if (tools === undefined) return;
    const scaled = (await render(tools, EVERYTHING)).filter(({ kind }) => kind === 'ScaledObject');
    const locations = [...JSON.stringify(scaled).matchAll(/"valueLocation":"(\w+)/g)].map(([, name]) => name);
    expect(locations).toHaveLength(9);
    const names = METRICS.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining([...new Set(locations)]));
    // Waiting downloads have a priority, which is a state of its own; `waiting` would always be 0.
    const text = JSON.stringify(scaled);
    expect(text).toContain(JSON.stringify('bullmq_job_count{queue="download",state="prioritized"}'));
    expect(text).not.toContain(JSON.stringify('bullmq_job_count{queue="download",state="waiting"}'));
    expect(text).toContain(JSON.stringify('bullmq_job_count{queue="upload",state="waiting"}'));
  });

  test('a long name of a release gives names that Kubernetes takes', async () => {
    if (tools === undefined) return;
    const objects = await render(tools, EVERYTHING, 'a-release-with-a-name-of-53-characters-0123456789-012');
    for (const { metadata } of objects) expect(metadata.name).toMatch(/^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/);
  });
});
