/**
 * A CPU profile of V8 as a flame graph in SVG, the stack of each moment upwards, the width its share of the time
 * (https://www.brendangregg.com/flamegraphs.html). Time in which the process waits is left out.
 */
import { escaped } from "./chart.ts";

/** https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  readonly samples?: readonly number[];
  /** µs */
  readonly timeDeltas?: readonly number[];
}

interface Frame {
  readonly name: string;
  /** µs, with all above it. */
  time: number;
  readonly above: Map<string, Frame>;
}

const WIDTH = 1400;
const HEIGHT = 17;
/** Share of the time below which a frame is not drawn. */
const LEAST = 0.0008;
const CHARACTER = 6.6;

export function flameGraph(profile: CpuProfile, title: string): string {
  const root = stacksOf(profile);
  const depth = depthOf(root, root.time * LEAST);
  const height = (depth + 3) * HEIGHT;
  const frames: string[] = [];
  draw(root, 0, height - 1.5 * HEIGHT, WIDTH / root.time, root, frames);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="monospace" font-size="11">`,
    `<rect width="100%" height="100%" fill="#fff"/><text x="8" y="14">${escaped(title)}</text>`,
    ...frames,
    "</svg>\n",
  ].join("\n");
}

function stacksOf({ nodes, samples = [], timeDeltas = [] }: CpuProfile): Frame {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const below = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)));
  const paths = new Map<number, string[]>();
  const pathOf = (id: number): string[] => {
    let path = paths.get(id);
    if (path === undefined) {
      const parent = below.get(id);
      const node = byId.get(id);
      path = parent === undefined || node === undefined ? [] : [...pathOf(parent), nameOf(node.callFrame)];
      paths.set(id, path);
    }
    return path;
  };
  const root: Frame = { name: "all", time: 0, above: new Map() };
  samples.forEach((id, index) => {
    const path = pathOf(id);
    if (path[0] === "(idle)" || path.length === 0) return;
    // The time up to a sample is of the sample before; over many of them that makes no difference.
    const time = Math.max(0, timeDeltas[index] ?? 0);
    root.time += time;
    let frame = root;
    for (const name of path) {
      let next = frame.above.get(name);
      if (next === undefined) frame.above.set(name, (next = { name, time: 0, above: new Map() }));
      next.time += time;
      frame = next;
    }
  });
  return root;
}

function nameOf({ functionName, url, lineNumber }: CpuProfile["nodes"][number]["callFrame"]): string {
  const name = functionName === "" ? "(anonymous)" : functionName;
  if (url === "") return name;
  const file = url.replace(/^file:\/\/.*?\/(src|node_modules|bench)\//, "$1/");
  return `${name} ${file}:${lineNumber + 1}`;
}

function depthOf(frame: Frame, least: number): number {
  const above = [...frame.above.values()].filter(({ time }) => time >= least);
  return 1 + Math.max(0, ...above.map((each) => depthOf(each, least)));
}

function draw(frame: Frame, x: number, y: number, scale: number, root: Frame, into: string[]): void {
  const width = frame.time * scale;
  if (frame.time < root.time * LEAST) return;
  const share = ((100 * frame.time) / root.time).toFixed(1);
  const room = Math.floor((width - 4) / CHARACTER);
  const label = frame.name.length <= room ? frame.name : room > 3 ? `${frame.name.slice(0, room - 1)}…` : "";
  into.push(
    `<g><title>${escaped(frame.name)}: ${share} %</title>` +
      `<rect x="${x.toFixed(1)}" y="${y - HEIGHT + 4}" width="${Math.max(0.3, width - 0.5).toFixed(1)}" height="${HEIGHT - 1}" fill="${colourOf(frame.name)}"/>` +
      (label === "" ? "" : `<text x="${(x + 2).toFixed(1)}" y="${y}">${escaped(label)}</text>`) +
      "</g>",
  );
  let left = x;
  for (const each of [...frame.above.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    draw(each, left, y - HEIGHT, scale, root, into);
    left += each.time * scale;
  }
}

/** Kiln's own code warm, Node.js's cool, native grey. */
function colourOf(name: string): string {
  if (name.includes(" src/")) return "#f4a259";
  if (name.includes(" node_modules/")) return "#e9c46a";
  if (name.includes(" node:")) return "#8ecae6";
  return "#ced4da";
}
