/** Series of numbers by function, in memory, and their text for Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/). */

/** Whose number it is. */
export interface Subject {
  account: string;
  region: string;
  functionName: string;
  /** Of an event source mapping. */
  uuid?: string;
}

export interface Counter {
  /** `by`: default 1. */
  add(of: Subject, by?: number): void;
}

export interface Histogram {
  observe(of: Subject, value: number): void;
}

export interface Registry {
  counter(name: string, help: string): Counter;
  /** A number that also goes down. */
  gauge(name: string, help: string): Counter;
  /** `bounds` are upper ones, ascending. */
  histogram(name: string, help: string, bounds: readonly number[]): Histogram;
  text(): string;
}

/** `maxSubjects`: all functions beyond that many count as one, `*`, so that what a scrape costs is bounded. */
export function createRegistry(maxSubjects: number): Registry {
  /** By account, region and name: the labels as text. */
  const labels = new Map<string, string>();
  const families: (() => string)[] = [];
  /** The one asked for last: a call is counted several times. */
  let last: { of: Subject; label: string } | undefined;

  function labelsOf(of: Subject): string {
    if (last !== undefined && isSame(last.of, of)) return last.label;
    const label = labelOf(of);
    const { account, region, functionName, uuid } = of;
    last = { of: { account, region, functionName, ...(uuid === undefined ? {} : { uuid }) }, label };
    return label;
  }

  function labelOf({ account, region, functionName, uuid }: Subject): string {
    const key = `${account}/${region}/${functionName}/${uuid ?? ""}`;
    const known = labels.get(key);
    if (known !== undefined) return known;
    if (labels.size >= maxSubjects) return labelText("*", "*", "*");
    const mapping = uuid === undefined ? "" : `,mapping="${uuid}"`;
    const made = labelText(account, region, functionName) + mapping;
    labels.set(key, made);
    return made;
  }

  function sums(name: string, help: string, type: "counter" | "gauge"): Counter {
    const values = new Map<string, number>();
    families.push(() => {
      const lines = [...values].map(([label, value]) => `${name}{${label}} ${value}\n`);
      return head(name, help, type) + lines.join("");
    });
    return {
      add(of, by = 1) {
        const label = labelsOf(of);
        values.set(label, (values.get(label) ?? 0) + by);
      },
    };
  }

  return {
    counter: (name, help) => sums(name, help, "counter"),
    gauge: (name, help) => sums(name, help, "gauge"),
    histogram(name, help, bounds) {
      const values = new Map<string, Distribution>();
      families.push(() => {
        const lines = [...values].map(([label, distribution]) => distributionText(name, label, bounds, distribution));
        return head(name, help, "histogram") + lines.join("");
      });
      return {
        observe(of, value) {
          const label = labelsOf(of);
          let distribution = values.get(label);
          if (distribution === undefined) {
            distribution = { sum: 0, counts: Array.from({ length: bounds.length + 1 }, () => 0) };
            values.set(label, distribution);
          }
          const found = bounds.findIndex((bound) => value <= bound);
          const at = found < 0 ? bounds.length : found;
          distribution.sum += value;
          distribution.counts[at] = (distribution.counts[at] ?? 0) + 1;
        },
      };
    },
    text: () => families.map((family) => family()).join(""),
  };
}

function isSame(one: Subject, other: Subject): boolean {
  return (
    one.functionName === other.functionName &&
    one.account === other.account &&
    one.region === other.region &&
    one.uuid === other.uuid
  );
}

function head(name: string, help: string, type: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

interface Distribution {
  sum: number;
  /** Of each interval between bounds; the last has what is above all of them. */
  counts: number[];
}

function distributionText(
  name: string,
  label: string,
  bounds: readonly number[],
  { sum, counts }: Distribution,
): string {
  let total = 0;
  const buckets = counts.map((count, index) => {
    total += count;
    return `${name}_bucket{${label},le="${bounds[index] ?? "+Inf"}"} ${total}\n`;
  });
  return `${buckets.join("")}${name}_sum{${label}} ${sum}\n${name}_count{${label}} ${total}\n`;
}

/** Names of functions have no character that needs escaping. */
function labelText(account: string, region: string, functionName: string): string {
  return `account="${account}",region="${region}",function="${functionName}"`;
}
