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

/** `fallback` answers what is meant for no service that is here. */
export function createDispatch(
  services: readonly BoundService[],
  fallback: BoundService,
): (request: WireRequest, claimed: CredentialScope | undefined) => Destination {
  const byName = new Map<string, BoundService>(services.map((service) => [service.name, service]));
  const byTarget = new Map<string, BoundService>(
    services.flatMap((service) => (service.target === undefined ? [] : [[service.target, service]])),
  );

  return (request, claimed) => {
    const target = targetOf(request.headers);
    if (target !== undefined) {
      const service = byTarget.get(target.slice(0, target.indexOf(".")));
      if (service !== undefined) return { service, operation: service.protocol.route(request) };
    }
    const meant = claimed === undefined ? undefined : byName.get(claimed.service);
    if (meant !== undefined) return { service: meant, operation: meant.protocol.route(request) };
    for (const service of services) {
      const operation = service.protocol.route(request);
      if (operation !== undefined) return { service, operation };
    }
    return { service: fallback, operation: undefined };
  };
}
