import { LineCounter, isNode, parseDocument, type Document } from 'yaml';

/** A position in a document: names of fields and indexes of lists. */
export type YamlPath = readonly PropertyKey[];

/** Protects against texts whose aliases expand until the memory is full. */
const MAX_ALIASES = 100;

/** Parses YAML 1.2, in which `no` is a text and not false. */
export function readYaml(text: string) {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const problems = document.errors.map(
    (error) => `line ${String(lines.linePos(error.pos[0]).line)}: ${error.message}`,
  );
  return {
    value: problems.length > 0 ? undefined : (document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown),
    /** Syntax errors, one line each. */
    problems,
    /** The line (from 1) of the path, or of the longest beginning of the path that exists. */
    lineOf: (path: YamlPath): number => {
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
