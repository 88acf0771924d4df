import { stateDirectory } from "../endpoint.ts";
import { connectionOptions, type Command } from "../command.ts";
import { CommandError, UsageError } from "../errors.ts";
import { systemCode } from "../../base/errors.ts";
import type { LocalCa } from "../tls/local-ca.ts";

export const tls: Command = {
  summary: "Show the local CA, or let this machine trust it.",
  usage: "trust [--system] [--remove] [--state DIR]",
  about: `A Kiln that was started with --tls local signs its certificates by a CA of its own. Alone it says where that is and how
programs come to trust it; it changes nothing. --system adds it to what this machine trusts (Debian and Ubuntu:
/usr/local/share/ca-certificates and update-ca-certificates), --system --remove takes it away again; both need root.`,
  options: {
    state: connectionOptions["state"] ?? { help: "" },
    system: { help: "Change what all of this machine trusts." },
    remove: { help: "With --system: take it away again." },
  },
  words: { least: 1, most: 1, name: "What to do (trust)" },
  examples: [
    ["sudo kiln tls trust", "where the CA is, and what to do with it"],
    ["sudo kiln tls trust --system", "curl and what else uses the system's list trust it"],
  ],

  async run(input, terminal) {
    if (input.word() !== "trust") throw new UsageError(`There is no kiln tls ${input.word()}: there is trust.`);
    const [system, remove] = [input.flag("system"), input.flag("remove")];
    if (remove && !system) throw new UsageError("--remove goes with --system: nothing else was changed.");
    const { install, readLocalCa, uninstall } = await import("../tls/local-ca.ts");
    const ca = await readLocalCa(stateDirectory(input)).catch((error: unknown) => {
      if (systemCode(error) !== "EACCES") throw error;
      throw new CommandError(
        "This user may not read the CA of that Kiln.",
        "Run it as the user that runs Kiln.",
        error,
      );
    });
    const done = !system ? undefined : remove ? await uninstall(ca) : await install(ca);
    if (input.flag("json")) terminal.json({ ...ca, installed: system && !remove });
    else terminal.print(done ?? explanation(ca));
  },
};

function explanation({ file, fingerprint, validTo, pem }: LocalCa): string {
  return `${pem}
This is ${file}
SHA-256 ${fingerprint}, good until ${validTo}

The AWS CLI, boto3 and Node.js trust it in a shell with: eval "$(kiln env)"
curl: --cacert ${file}
All of this machine (Debian, Ubuntu): kiln tls trust --system
Chromium and Firefox keep a list of their own: import the file there as an authority for web sites, or
  certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n kiln -i ${file}`;
}
