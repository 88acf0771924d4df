/** Services as the dispatch has them: those that are there, and those that come when they are needed. */
import type { DeferredService, ServiceDefinition } from "./contract.ts";
import type { Candidate } from "./dispatch.ts";
import { headerOf, type WireRequest } from "./http/request.ts";
import type { JsonBounds } from "./json/parse.ts";
import { isForm } from "./protocols/query/index.ts";
import { bindService, type BoundService } from "./service.ts";

export function candidateOf(service: ServiceDefinition | DeferredService, bounds: JsonBounds): Candidate {
  if ("load" in service) return deferred(service, bounds);
  const bound = bindService(service, bounds);
  return {
    name: service.name,
    target: service.target,
    bound: () => bound,
    load: () => Promise.resolve(bound),
    mayMean: () => true,
  };
}

function deferred(service: DeferredService, bounds: JsonBounds): Candidate {
  const { name, target, forms } = service;
  let bound: BoundService | undefined;
  let loading: Promise<BoundService> | undefined;

  async function load(): Promise<BoundService> {
    const definition = await service.load();
    if (definition.name !== name || definition.target !== target || (definition.query === undefined) !== !forms) {
      throw new TypeError(`the service ${name} is not what was said of it before it was loaded`);
    }
    return (bound = bindService(definition, bounds));
  }

  return {
    name,
    target,
    bound: () => bound,
    load() {
      loading ??= load().catch((error: unknown) => {
        loading = undefined;
        throw error;
      });
      return loading;
    },
    // The other protocols that are deferred say the service in X-Amz-Target.
    mayMean: (request) => forms !== undefined && !hasTarget(request, target) && isForm(request, forms),
  };
}

/** A service with a protocol of its own besides takes forms from those alone who name no target. */
function hasTarget(request: WireRequest, target: string | undefined): boolean {
  return target !== undefined && headerOf(request.headers, "x-amz-target") !== undefined;
}
