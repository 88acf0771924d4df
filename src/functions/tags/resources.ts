/** Where the tags of each kind of resource are, and what AWS says when the resource is not there. */
import { resourceArn } from "../../base/arn.ts";
import { ServiceError } from "../../base/errors.ts";
import { newId } from "../../base/ids.ts";
import type { FunctionDocument } from "../contract.ts";
import { functionNotFound } from "../errors.ts";
import { CODE_SIGNING_CONFIG, FUNCTION, scopePrefix } from "../keys.ts";
import { MAPPING } from "../mappings/documents.ts";
import { taggedMappingNotFound } from "../mappings/errors.ts";
import type { TaggableKind, TaggedDocument, TaggedResource } from "./contract.ts";

export interface Taggable {
  /** Kind of the document, whose key is `account/region/id`. */
  documents: string;
  notFound: (resource: TaggedResource) => ServiceError;
  /** What else changes with the tags. */
  changed?: (document: TaggedDocument) => TaggedDocument;
}

export const taggables: Record<TaggableKind, Taggable> = {
  function: {
    documents: FUNCTION,
    notFound: ({ scope, id }) => functionNotFound(scope, id),
    changed: (document) => {
      const { latest } = document as FunctionDocument;
      return { ...document, latest: { ...latest, revisionId: newId() } } as FunctionDocument;
    },
  },
  "code-signing-config": {
    documents: CODE_SIGNING_CONFIG,
    notFound: (resource) => notFound(`The Lambda code signing configuration ${arnOf(resource)} can not be found.`),
  },
  "event-source-mapping": {
    documents: MAPPING,
    notFound: ({ scope, id }) => taggedMappingNotFound(scope, id),
  },
};

export function documentKey({ scope, kind, id }: TaggedResource): string {
  // Callers may write a UUID in capitals.
  return `${scopePrefix(scope)}${kind === "event-source-mapping" ? id.toLowerCase() : id}`;
}

function arnOf({ scope, kind, id }: TaggedResource): string {
  return resourceArn(scope, kind, id);
}

function notFound(message: string): ServiceError {
  return new ServiceError("ResourceNotFoundException", message, { status: 404 });
}

const arnForm =
  /^arn:aws[a-z-]*:lambda:([a-z0-9-]+):(\d{12}):(function|code-signing-config|event-source-mapping):([^:]+)(:[^:]+)?$/;

/** What an ARN is about, for a version or an alias its function; undefined for what cannot have tags. */
export function resourceOf(arn: string): TaggedResource | undefined {
  const [, region = "", account = "", kind, id = ""] = arnForm.exec(arn) ?? [];
  return kind === undefined ? undefined : { scope: { account, region }, kind: kind as TaggableKind, id };
}
