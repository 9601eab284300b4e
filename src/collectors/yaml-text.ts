import { LineCounter, isNode, parseDocument, type Document } from 'yaml';

/** Where something is in a document: names of fields and positions in lists. */
export type YamlPath = readonly PropertyKey[];

/** A YAML text that was read, and where in it its parts are. */
export interface YamlText {
  readonly value: unknown;
  /** What is wrong with the text itself, one line each. */
  readonly problems: readonly string[];
  /** The line (from 1) of the innermost part of the path that is there. */
  lineOf(path: YamlPath): number;
}

/** More would be a text that is meant to fill the memory. */
const MAX_ALIASES = 100;

/** Reads a YAML text (version 1.2, so that `no` is a text and not false). */
export function readYaml(text: string): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const problems = document.errors.map(
    (error) => `line ${String(lines.linePos(error.pos[0]).line)}: ${error.message}`,
  );
  return {
    value: problems.length > 0 ? undefined : document.toJS({ maxAliasCount: MAX_ALIASES }),
    problems,
    lineOf: (path) => {
      const offset = offsetOf(document, path);
      return offset === undefined ? 1 : lines.linePos(offset).line;
    },
  };
}

function offsetOf(document: Document, path: YamlPath): number | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0];
}
