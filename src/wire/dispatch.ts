/**
 * Which service and operation a request means. All services share one port: X-Amz-Target says it for the protocols that
 * have it; else the service of the credential scope together with the path; else the path alone.
 */
import type { CredentialScope } from "../security/contract.ts";
import { targetOf, type WireRequest } from "./http/request.ts";
import type { BoundOperation } from "./protocols/protocol.ts";
import type { BoundService } from "./service.ts";

export interface Destination {
  readonly service: BoundService;
  /** Undefined when the service has no such operation. */
  readonly operation: BoundOperation | undefined;
}

/** A service that is there, or that can be loaded. */
export interface Candidate {
  readonly name: string;
  readonly target?: string | undefined;
  /** Undefined until it is loaded. */
  bound(): BoundService | undefined;
  load(): Promise<BoundService>;
  /** Of one that is not loaded: whether a request that names no service may mean it. */
  mayMean(request: WireRequest): boolean;
}

/**
 * Where a request goes; a promise if a service has to be loaded first, which rejects if it cannot be. `fallback` answers what
 * is meant for no service that is here.
 */
export function createDispatch(
  services: readonly Candidate[],
  fallback: BoundService,
): (request: WireRequest, claimed: CredentialScope | undefined) => Destination | Promise<Destination> {
  const byName = new Map<string, Candidate>(services.map((service) => [service.name, service]));
  const byTarget = new Map<string, Candidate>(
    services.flatMap((service) => (service.target === undefined ? [] : [[service.target, service]])),
  );

  /** Of those from `first` on, in their order. */
  function search(request: WireRequest, first: number): Destination | Promise<Destination> {
    for (let index = first; index < services.length; index += 1) {
      const service = services[index];
      const bound = service?.bound();
      if (bound === undefined) {
        if (service?.mayMean(request) === true) return service.load().then(() => search(request, index));
        continue;
      }
      const operation = bound.protocol.route(request);
      if (operation !== undefined) return { service: bound, operation };
    }
    return { service: fallback, operation: undefined };
  }

  return (request, claimed) => {
    const target = targetOf(request.headers);
    const targeted = target === undefined ? undefined : byTarget.get(target.slice(0, target.indexOf(".")));
    const meant = targeted ?? (claimed === undefined ? undefined : byName.get(claimed.service));
    if (meant === undefined) return search(request, 0);
    const bound = meant.bound();
    return bound === undefined ? meant.load().then((loaded) => routed(loaded, request)) : routed(bound, request);
  };
}

function routed(service: BoundService, request: WireRequest): Destination {
  return { service, operation: service.protocol.route(request) };
}
