import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { ConfiguredSource } from '../../collectors/configured-source.ts';
import type { Database } from '../../database/database.ts';
import type { Role } from '../../domain/role.ts';
import type { Actor } from '../../operations/audited.ts';
import type { JobQueues } from '../../queues/job-queues.ts';
import type { CollectionHealth } from '../../reports/collection/read-health.ts';
import type { Overview } from '../../reports/overview.ts';
import type { Status } from '../../reports/status.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { FigureCounter } from '../playlists/figure-counter.ts';
import type { BulkRuns } from '../videos/bulk-runs.ts';
import type { ProblemName } from './problem.ts';

/** What the endpoints work with. */
export interface ApiServices {
  readonly database: Database;
  readonly queues: JobQueues;
  readonly store: ObjectStore;
  readonly hasMirror: boolean;
  /** Whether personal lists can be read: an egress address has the cookies of an account. */
  readonly personalLists: boolean;
  readonly readStatus: () => Promise<Status>;
  readonly readOverview: () => Promise<Overview>;
  readonly readHealth: () => Promise<CollectionHealth>;
  /** The sources of this machine's sources file. */
  readonly loadSources: () => Promise<readonly ConfiguredSource[]>;
  /** What is done with many videos in the background. */
  readonly runs: BulkRuns;
  /** Counts what playlists contain, when somebody asks for it. */
  readonly figures: FigureCounter;
  /** PUBLIC_URL. */
  readonly publicUrl: string | undefined;
}

/** The parts of the API, in the order of its documentation. */
export const SUBJECTS = [
  'Status',
  'Videos',
  'Playlists',
  'Queues',
  'Egress',
  'Sources',
  'Reports',
  'Snapshots',
  'Feeds',
  'Audit',
  'Tokens',
] as const;

interface Declaration {
  /** Its name in generated clients: `listVideos`. */
  readonly id: string;
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  /** Below `/api/v1`, with `{name}` for each parameter. */
  readonly path: `/${string}`;
  readonly subject: (typeof SUBJECTS)[number];
  /** One line; `description` says more. */
  readonly summary: string;
  readonly description?: string;
  readonly role: Role;
  /** 200 when left out; 202: it goes on in the background. */
  readonly status?: 202;
  /** What can go wrong besides what may go wrong with each. */
  readonly problems?: readonly ProblemName[];
}

type Empty = z.ZodObject<Record<string, never>>;

/** What a request asks for, validated. */
interface Input<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType> {
  readonly params: z.output<Params>;
  readonly query: z.output<Query>;
  readonly body: z.output<Body>;
  readonly actor: Actor;
  /** The address of this server as others write it, without a slash at the end. */
  readonly base: string;
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal;
}

interface Schemas<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType> {
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
}

/** An endpoint that answers with JSON; undefined is answered with `not-found`. */
interface JsonEndpoint<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Answer extends z.ZodType,
>
  extends Declaration, Schemas<Params, Query, Body> {
  readonly answer: Answer;
  readonly handle: (
    input: Input<Params, Query, Body>,
    services: ApiServices,
  ) => Promise<z.input<Answer> | undefined>;
}

/** An endpoint that sends a file, such as audio, by itself; false is answered with `not-found`. */
interface FileEndpoint<Params extends z.ZodObject, Query extends z.ZodObject> extends Declaration {
  readonly params?: Params;
  readonly query?: Query;
  /** The media type of the file. */
  readonly file: string;
  readonly send: (
    input: Input<Params, Query, Empty>,
    services: ApiServices,
    request: Request,
    response: Response,
  ) => Promise<boolean>;
}

/** An endpoint as router, validation and documentation see it: its input is whatever its schemas make of a request. */
export interface Endpoint extends Declaration, Schemas<z.ZodObject, z.ZodObject, z.ZodType> {
  readonly answer?: z.ZodType;
  readonly file?: string;
  readonly run: (
    input: Input<z.ZodObject, z.ZodObject, z.ZodType>,
    services: ApiServices,
    request: Request,
    response: Response,
  ) => Promise<unknown>;
}

/** Declares an endpoint that answers with JSON. */
export function endpoint<
  Answer extends z.ZodType,
  Params extends z.ZodObject = Empty,
  Query extends z.ZodObject = Empty,
  Body extends z.ZodType = Empty,
>({ handle, ...declaration }: JsonEndpoint<Params, Query, Body, Answer>): Endpoint {
  return {
    ...declaration,
    // The router parses with the very schemas of the declaration.
    run: (input, services) => handle(input, services),
  };
}

/** Declares an endpoint that sends a file. */
export function fileEndpoint<Params extends z.ZodObject = Empty, Query extends z.ZodObject = Empty>({
  send,
  ...declaration
}: FileEndpoint<Params, Query>): Endpoint {
  return {
    ...declaration,
    run: async (input, services, request, response) =>
      (await send(input, services, request, response)) ? null : undefined,
  };
}
