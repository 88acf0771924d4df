/**
 * Which configuration a function uses. A use stands in the function's document, and in a document of its own by which the
 * functions of a configuration are found; both are written with the configuration's document in one transaction.
 */
import type { Scope } from "../../base/scope.ts";
import type { Documents, Write } from "../../store/contract.ts";
import type { FunctionDocument } from "../contract.ts";
import { changeFunction, readFunction } from "../documents.ts";
import { functionNotFound, signedImage } from "../errors.ts";
import { CODE_SIGNING_CONFIG, CODE_SIGNING_USE } from "../keys.ts";
import { packageTypeOf } from "../package-type.ts";
import { configKey, findConfig } from "./configs.ts";
import type { CodeSigningConfigDocument } from "./contract.ts";
import { configArn, configToUseNotFound, untrustedCode } from "./errors.ts";

export interface NewUse {
  config: CodeSigningConfigDocument;
  writes: Write[];
}

/** `PutFunctionCodeSigningConfig`. Code that the function has already is not looked at. */
export async function attach(documents: Documents, scope: Scope, name: string, arn: string): Promise<void> {
  // AWS looks for the configuration before it looks for the function.
  if (!(await findConfig(documents, scope, arn))) throw configToUseNotFound(arn);
  await changeFunction(documents, scope, name, async (document) => {
    refuseImage(document);
    const { config, writes } = await newUse(documents, scope, name, arn);
    if (document.codeSigningConfig === config.id) return { result: undefined };
    return {
      document: { ...document, codeSigningConfig: config.id },
      writes: [...endOfUse(scope, document), ...writes],
      result: undefined,
    };
  });
}

/** `DeleteFunctionCodeSigningConfig` */
export async function detach(documents: Documents, scope: Scope, name: string): Promise<void> {
  await changeFunction(documents, scope, name, (document) => {
    refuseImage(document);
    if (document.codeSigningConfig === undefined) return { result: undefined };
    const { codeSigningConfig: _, ...rest } = document;
    return { document: rest, writes: endOfUse(scope, document), result: undefined };
  });
}

/** `GetFunctionCodeSigningConfig` */
export async function attached(documents: Documents, scope: Scope, name: string): Promise<string | undefined> {
  const stored = await readFunction(documents, scope, name);
  if (!stored) throw functionNotFound(scope, name);
  refuseImage(stored.value);
  const id = stored.value.codeSigningConfig;
  return id === undefined ? undefined : configArn(scope, id);
}

/** As AWS does, also where only the configuration is asked for. */
function refuseImage({ latest }: FunctionDocument): void {
  if (packageTypeOf(latest) === "Image") throw signedImage();
}

/** The writes, beside that of the function's document, with which it begins. Throws CodeSigningConfigNotFoundException. */
export async function newUse(documents: Documents, scope: Scope, name: string, arn: string): Promise<NewUse> {
  const stored = await findConfig(documents, scope, arn);
  if (!stored) throw configToUseNotFound(arn);
  const { key, value, version } = stored;
  return {
    config: value,
    writes: [
      { op: "replace", kind: CODE_SIGNING_CONFIG, key, value, version },
      { op: "create", kind: CODE_SIGNING_USE, key: `${key}/${name}`, value: {} },
    ],
  };
}

/** The write, beside that of the function's document, with which it ends. */
export function endOfUse(scope: Scope, { name, codeSigningConfig: id }: FunctionDocument): Write[] {
  return id === undefined ? [] : [{ op: "remove", kind: CODE_SIGNING_USE, key: `${configKey(scope, id)}/${name}` }];
}

/** Throws CodeVerificationFailedException when new code of this function would have to be trusted. */
export async function requireTrust(
  documents: Documents,
  scope: Scope,
  { name, codeSigningConfig: id }: FunctionDocument,
): Promise<void> {
  if (id === undefined) return;
  const config = await documents.get<CodeSigningConfigDocument>(CODE_SIGNING_CONFIG, configKey(scope, id));
  if (config) refuseUntrusted(config.value, name);
}

export function refuseUntrusted(config: CodeSigningConfigDocument, name: string): void {
  if (config.policy === "Enforce") throw untrustedCode(name);
}
