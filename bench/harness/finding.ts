/** What a scenario finds out, in one shape for all of them: tables, charts and comparisons are made of it. */

/** One measured quantity of one subject: a value for each interleaved round. */
export interface Figure {
  /** What was asked of it: `1 connection, 7 B`. The figures of a case are beside each other. */
  readonly case: string;
  /** Who was asked: `kiln`, `node:http`. */
  readonly subject: string;
  /** `p50`, `calls/s`, `CPU of Kiln per call`. */
  readonly metric: string;
  /** `µs`, `ms`, `/s`, `MB`, `MB/s`. */
  readonly unit: string;
  readonly better: "less" | "more";
  readonly values: readonly number[];
}

/** A peer that this run could not have, and why. */
export interface Absent {
  readonly subject: string;
  readonly reason: string;
}

export interface Finding {
  readonly scenario: string;
  /** One line: what is measured, in how many rounds. */
  readonly title: string;
  /** The metric that the chart shows, and that ratios are of. */
  readonly headline: string;
  readonly figures: readonly Figure[];
  readonly absent: readonly Absent[];
}

/** Gathers the values of all rounds. */
export class Figures {
  readonly #figures = new Map<string, { figure: Omit<Figure, "values">; values: number[] }>();

  add(figure: Omit<Figure, "values">, value: number): void {
    const key = [figure.case, figure.subject, figure.metric].join("\n");
    let found = this.#figures.get(key);
    if (found === undefined) this.#figures.set(key, (found = { figure, values: [] }));
    found.values.push(value);
  }

  all(): Figure[] {
    return [...this.#figures.values()].map(({ figure, values }) => ({ ...figure, values }));
  }
}
