/** Tells the data plane what is wanted of each function, whenever that may have changed: the documents alone decide. */
import type { Provisioner } from "../../invoke/contract.ts";
import type { Documents } from "../../store/contract.ts";
import { createBackground } from "../background.ts";
import type { FunctionDocument } from "../contract.ts";
import { readFunction } from "../documents.ts";
import { partsOfFunctionKey } from "../keys.ts";
import { provisionedVersions } from "./qualifiers.ts";

export interface Provisioning {
  /** The function's document is this now; absent: it is gone. */
  changed(key: string, document: FunctionDocument | undefined): void;
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface ProvisioningOptions {
  documents: Documents;
  provisioner: Provisioner;
  report: (error: unknown) => void;
}

export function createProvisioning({ documents, provisioner, report }: ProvisioningOptions): Provisioning {
  /** Functions of which something is wanted, so that a change of any other costs nothing. */
  const known = new Set<string>();
  const background = createBackground({ concurrency: 4, report, work: tell });

  async function tell(key: string): Promise<void> {
    const { scope, name } = partsOfFunctionKey(key);
    const stored = await readFunction(documents, scope, name);
    const wanted = stored ? await provisionedVersions(documents, scope, stored.value) : [];
    provisioner.provision(scope, name, wanted);
  }

  return {
    changed(key, document) {
      const wanted = document?.provisioned !== undefined;
      if (!wanted && !known.has(key)) return;
      if (wanted) known.add(key);
      else known.delete(key);
      background.enqueue(key);
    },
    settled: () => background.settled(),
    close: () => background.close(),
  };
}
