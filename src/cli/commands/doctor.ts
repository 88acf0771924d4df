import { resolve } from "node:path";
import { messageOf } from "../../base/errors.ts";
import { plainModes } from "../../base/modes.ts";
import { FAILED, OK, type Command } from "../command.ts";
import type { Finding, Places } from "../doctor/check.ts";
import type { Input } from "../input.ts";
import { table } from "../terminal.ts";

export const doctor: Command = {
  summary: "Check what this host offers, and say what to do about what is missing.",
  usage: "[options]",
  about: `It tries things: it runs a jail with each OCI runtime, mounts an image and makes a network, and leaves nothing of that behind. The
exit status is 1 when something is missing that Kiln cannot do without.`,
  options: {
    state: { value: "DIR", help: "State directory, whose disk is looked at. Default: KILN_STATE, else /var/lib/kiln." },
    runtimes: {
      value: "DIR",
      help: "Where the runtime images are. Default: KILN_RUNTIMES, else /var/cache/kiln/runtimes.",
    },
  },
  words: { least: 0, most: 0, name: "" },
  examples: [
    ["sudo kiln doctor", "a list, with what to do"],
    [`sudo kiln doctor --json | jq '.[] | select(.status != "ok")'`, "for programs"],
  ],

  async run(input, terminal) {
    plainModes();
    const places = await placesOf(input);
    const findings = await terminal.progress("looking", async (say) => {
      const found: Finding[] = [];
      for (const [name, check] of await checks(places)) {
        say(`looking at ${name}`);
        found.push(...(await findingsOf(name, check)));
      }
      return found;
    });
    const missing = findings.filter(({ status }) => status === "missing").length;
    if (input.flag("json")) terminal.json(findings);
    else {
      terminal.print(findings.map(lineOf(findings)).join("\n"));
      const things = `${missing} ${missing === 1 ? "thing is" : "things are"} missing`;
      terminal.note(missing === 0 ? "\nKiln can run here." : `\nKiln cannot run here yet: ${things}.`);
    }
    return missing === 0 ? OK : FAILED;
  },
};

async function placesOf(input: Input): Promise<Places & { ociRuntimes: readonly string[] }> {
  const { loadConfig } = await import("../../config/index.ts");
  const [state, runtimes] = [input.text("state"), input.text("runtimes")];
  return loadConfig({
    ...(state === undefined ? {} : { state: resolve(state) }),
    ...(runtimes === undefined ? {} : { runtimes: resolve(runtimes) }),
  });
}

type Check = () => Finding | Finding[] | Promise<Finding | Finding[]>;

/** In the order in which they are shown: what everything else needs comes first. */
async function checks(places: Places & { ociRuntimes: readonly string[] }): Promise<[name: string, check: Check][]> {
  const machine = await import("../doctor/machine.ts");
  const kernel = await import("../doctor/kernel.ts");
  const isolation = await import("../doctor/isolation.ts");
  const system = machine.checkSystem();
  if (system.status === "missing") return [["system", () => system]];
  return [
    ["system", () => system],
    ["root", machine.checkRoot],
    ["Node.js", machine.checkNode],
    ["memory", machine.checkMemory],
    ["disk", () => machine.checkDisks(places)],
    ["keys", async () => (await import("../doctor/keys.ts")).checkKeys(places)],
    ["density", async () => (await import("../doctor/density.ts")).checkDensity()],
    ["cgroups", kernel.checkCgroups],
    ["namespaces", kernel.checkNamespaces],
    ["seccomp", kernel.checkSeccomp],
    ["EROFS", async () => (await import("../doctor/erofs.ts")).checkErofs()],
    ["/tmp", async () => (await import("../doctor/tmp.ts")).checkTmp()],
    ["OCI runtimes", async () => (await import("../doctor/oci.ts")).checkOciRuntimes(places.ociRuntimes)],
    ["runtime images", async () => (await import("../doctor/images.ts")).checkImages(places)],
    ["image builder", async () => (await import("../doctor/images.ts")).checkImageBuilder()],
    ["gVisor", isolation.checkGvisor],
    ["Firecracker", () => isolation.checkFirecracker(places)],
    ["microVMs", () => isolation.checkMicrovm(places)],
    ["shared directories", async () => (await import("../doctor/sharing.ts")).checkSharing(places)],
    ["network", async () => (await import("../doctor/network.ts")).checkNetwork()],
  ];
}

/** A check that cannot be made is a finding too. */
async function findingsOf(name: string, check: Check): Promise<Finding[]> {
  try {
    return [await check()].flat();
  } catch (thrown) {
    return [{ name, status: "warning", detail: `could not be looked at: ${messageOf(thrown).trim()}` }];
  }
}

function lineOf(findings: readonly Finding[]): (finding: Finding) => string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  return ({ name, status, detail, todo }) => {
    const line = table([[status.padEnd("missing".length), name.padEnd(width), detail]]);
    return todo === undefined ? line : `${line}\n${" ".repeat("missing".length + width + 4)}→ ${todo}`;
  };
}
