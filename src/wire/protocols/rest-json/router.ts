/**
 * Method and path → operation, by a tree of path segments that is built once. A literal segment wins over a label; of
 * several operations on the same path, the one wins whose literal query parameters are all there. A path may end in a
 * slash: older clients send one.
 */
import type { HttpTrait, OperationSchema } from "../../schema/operation.ts";
import type { WireRequest } from "../../http/request.ts";

export interface Match<Target> {
  readonly target: Target;
  /** Values of the labels in the order of the path, still percent-encoded. */
  readonly labels: readonly string[];
}

export interface Router<Target> {
  match(request: WireRequest): Match<Target> | undefined;
}

interface Node<Target> {
  readonly literals: Map<string, Node<Target>>;
  label: Node<Target> | undefined;
  /** A greedy label, which takes the rest of the path. */
  greedy: Leaf<Target>[];
  leaves: Leaf<Target>[];
}

interface Leaf<Target> {
  readonly target: Target;
  readonly query: HttpTrait["query"];
}

/** More segments than any route has; what is longer is not looked at. */
const maxSegments = 32;

export function createRouter<Target>(
  routes: readonly { readonly http: HttpTrait; readonly target: Target }[],
): Router<Target> {
  const methods = new Map<string, Node<Target>>();
  for (const { http, target } of routes) {
    let root = methods.get(http.method);
    if (root === undefined) methods.set(http.method, (root = emptyNode()));
    insert(root, segmentsOf(http.path), { target, query: http.query });
  }
  return {
    match(request) {
      const root = methods.get(request.method);
      if (root === undefined || !request.path.startsWith("/")) return undefined;
      const segments = segmentsOf(request.path);
      return segments.length > maxSegments ? undefined : find(root, segments, 0, [], request);
    },
  };
}

/** Names of the labels of a path, in its order: `{FunctionName}`, `{Path+}`. */
export function labelsOf(path: string): string[] {
  return [...path.matchAll(/\{([^}+]+)\+?\}/g)].map((match) => match[1] ?? "");
}

/** Describes the table for people: method, path and name of every operation. */
export function describeRoutes(
  operations: readonly OperationSchema[],
): { name: string; method: string; path: string }[] {
  return operations.map(({ name, http }) => {
    const query = (http?.query ?? []).map(([key, value]) => (value === "" ? key : `${key}=${value}`)).join("&");
    return { name, method: http?.method ?? "POST", path: `${http?.path ?? "/"}${query === "" ? "" : `?${query}`}` };
  });
}

function emptyNode<Target>(): Node<Target> {
  return { literals: new Map(), label: undefined, greedy: [], leaves: [] };
}

function segmentsOf(path: string): string[] {
  const end = path.length > 1 && path.endsWith("/") ? path.length - 1 : path.length;
  return path.slice(1, end).split("/");
}

function insert<Target>(root: Node<Target>, segments: readonly string[], leaf: Leaf<Target>): void {
  let node = root;
  for (const segment of segments) {
    if (segment.endsWith("+}")) {
      node.greedy = withLeaf(node.greedy, leaf);
      return;
    }
    if (segment.startsWith("{")) {
      node = node.label ??= emptyNode();
    } else {
      let next = node.literals.get(segment);
      if (next === undefined) node.literals.set(segment, (next = emptyNode()));
      node = next;
    }
  }
  node.leaves = withLeaf(node.leaves, leaf);
}

/** Most literal query parameters first. */
function withLeaf<Target>(leaves: readonly Leaf<Target>[], leaf: Leaf<Target>): Leaf<Target>[] {
  return [...leaves, leaf].sort((a, b) => b.query.length - a.query.length);
}

/** A literal is never tried together with the label beside it for long: a path has few segments, a route at most four labels. */
function find<Target>(
  node: Node<Target>,
  segments: readonly string[],
  at: number,
  labels: readonly string[],
  request: WireRequest,
): Match<Target> | undefined {
  const segment = segments[at];
  if (segment === undefined) return leafMatch(node.leaves, labels, request);
  const literal = node.literals.get(segment);
  const found = literal === undefined ? undefined : find(literal, segments, at + 1, labels, request);
  if (found !== undefined) return found;
  if (node.label !== undefined && segment !== "") {
    const labelled = find(node.label, segments, at + 1, [...labels, segment], request);
    if (labelled !== undefined) return labelled;
  }
  return leafMatch(node.greedy, [...labels, segments.slice(at).join("/")], request);
}

function leafMatch<Target>(
  leaves: readonly Leaf<Target>[],
  labels: readonly string[],
  request: WireRequest,
): Match<Target> | undefined {
  for (const { target, query } of leaves) {
    if (query.every(([name, value]) => request.parameters().get(name) === value)) return { target, labels };
  }
  return undefined;
}
