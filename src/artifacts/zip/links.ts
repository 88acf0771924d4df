/** Symbolic links may point anywhere below the root, also to nothing, but not out of it, whatever other links are on the way. */
import { badZip } from "./refusal.ts";
import type { Node } from "./tree.ts";

/** Links on one way, as in Linux. */
const MAX_HOPS = 40;
/** For all links of a zip together: links through links can be made to take long. */
const MAX_STEPS = 1_000_000;

/** Parts of a link's target. Refuses absolute ones. */
export function linkTarget(target: string): string[] {
  if (target === "" || target.includes("\0")) throw badZip("a link has no target");
  if (target.startsWith("/")) throw badZip(`a link has an absolute target: ${target}`);
  return target.split("/").filter((part) => part !== "" && part !== ".");
}

/** Follows every link to its end. Throws badZip for one that leaves the root at any point, or goes round in a circle. */
export function checkLinks(links: readonly Node[]): void {
  let steps = 0;

  function follow(link: Node): void {
    const ahead = (link.target ?? []).toReversed();
    let hops = 0;
    let at = link.parent;
    /** Directories below `at` that do not exist. */
    let missing = 0;
    for (let part = ahead.pop(); part !== undefined; part = ahead.pop()) {
      if ((steps += 1) > MAX_STEPS) throw badZip("the links take too long to follow");
      if (part === "..") {
        if (missing > 0) missing -= 1;
        else at = at?.parent;
        if (at === undefined) throw badZip("a link leaves the root");
        continue;
      }
      const next = missing > 0 ? undefined : at?.children.get(part);
      if (next === undefined) missing += 1;
      else if (next.target === undefined) at = next;
      else {
        if ((hops += 1) > MAX_HOPS) throw badZip("a link goes through too many links");
        steps += next.target.length;
        // In a loop: a target may have more parts than a call may have arguments.
        for (const further of next.target.toReversed()) ahead.push(further);
      }
    }
  }

  for (const link of links) follow(link);
}
