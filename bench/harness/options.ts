/** The command line of the benchmarks. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";

export interface BenchOptions {
  readonly rounds: number | undefined;
  /** Of one measurement of load. */
  readonly seconds: number | undefined;
  readonly connections: readonly number[] | undefined;
  /** Bytes. */
  readonly payloads: readonly number[] | undefined;
  /** Another checkout of the project that is measured beside this one, in the same rounds. */
  readonly other: string | undefined;
  /** Names of peers that are wanted; default all that the machine has. */
  readonly peers: readonly string[] | undefined;
  /** What is looked at inside is the Kiln whose calls are signed. */
  readonly signed: boolean;
  readonly flame: boolean;
  readonly syscalls: boolean;
  readonly allocations: boolean;
}

export const usage = `usage: npm run bench -- [SCENARIO…] [options]
       npm run bench -- compare BEFORE.json AFTER.json
       npm run bench -- peers            (installs the peers that come from npm, into bench/peers)

  --rounds N            interleaved rounds of each scenario
  --seconds N           of one measurement of load
  --connections 1,8,32  of warm calls
  --payloads 0,1024     bytes of warm calls
  --peers a,b           only these beside Kiln; "none" for none
  --other DIR           another checkout of Kiln, measured in the same rounds
  --signed              warm: the three below look at the Kiln whose calls are signed
  --flame               warm: a CPU profile of Kiln as bench/results/flame.svg
  --syscalls            warm: system calls of Kiln's process per call (needs strace)
  --allocations         warm: bytes that Kiln allocates per call

  KILN_BENCH_RIE=FILE   a program of AWS's Runtime Interface Emulator, as a peer of warm calls`;

export interface CommandLine {
  readonly words: readonly string[];
  readonly options: BenchOptions;
  readonly help: boolean;
}

/** Throws for an option that there is not, with a message that says which. */
export function commandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: "string" },
      seconds: { type: "string" },
      connections: { type: "string" },
      payloads: { type: "string" },
      peers: { type: "string" },
      other: { type: "string" },
      signed: { type: "boolean", default: false },
      flame: { type: "boolean", default: false },
      syscalls: { type: "boolean", default: false },
      allocations: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const { signed, flame, syscalls, allocations, help } = values;
  const options: BenchOptions = {
    rounds: numbers(values.rounds)?.[0],
    seconds: numbers(values.seconds)?.[0],
    connections: numbers(values.connections),
    payloads: numbers(values.payloads),
    peers: values.peers === undefined ? undefined : values.peers.split(",").filter((name) => name !== "none"),
    other: values.other === undefined ? undefined : resolve(values.other),
    signed,
    flame,
    syscalls,
    allocations,
  };
  return { words: positionals, options, help };
}

function numbers(text: string | undefined): number[] | undefined {
  return text?.split(",").map((part) => {
    const value = Number(part);
    if (part === "" || !Number.isFinite(value) || value < 0) throw new TypeError(`"${part}" is no number`);
    return value;
  });
}
