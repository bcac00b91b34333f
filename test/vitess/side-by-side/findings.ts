/** What two tools have done differently, and whether a case says so. */
import type { Answer } from "./answer.js";
import type { Difference } from "./case.js";
import type { Picture } from "./picture.js";

export interface Finding {
  /** "exit", "stdout", "error", or a place of the picture; see `findDifferences`. */
  place: string;
  vtctlclient: string | undefined;
  vtmigrate: string | undefined;
}

export interface Outcome {
  answer: Answer;
  after: Picture;
}

/** Every place in which the outcomes differ; of texts with as many lines "stdout: <vtctlclient's line>". */
export function findDifferences(vtctlclient: Outcome, vtmigrate: Outcome): Finding[] {
  const [theirs, ours] = [everything(vtctlclient), everything(vtmigrate)];
  const places = [...new Set([...theirs.keys(), ...ours.keys()])];
  return places
    .map((place) => ({ place, vtctlclient: theirs.get(place), vtmigrate: ours.get(place) }))
    .filter((finding) => finding.vtctlclient !== finding.vtmigrate)
    .flatMap((finding) => (finding.place === "stdout" ? byLines(finding) : [finding]));
}

function byLines(finding: Finding): Finding[] {
  const [theirs = [], ours = []] = [finding.vtctlclient?.split("\n"), finding.vtmigrate?.split("\n")];
  if (theirs.length !== ours.length) return [finding];
  return theirs.flatMap((line, i) =>
    line === ours[i] ? [] : [{ place: `stdout: ${line.trim()}`, vtctlclient: line, vtmigrate: ours[i] }],
  );
}

function everything({ answer, after }: Outcome): Map<string, string> {
  return new Map([...Object.entries(answer), ...after]);
}

/** A sentence for each finding that no difference covers, and for each difference that was not to be seen. */
export function complaints(findings: Finding[], declared: readonly Difference[]): string[] {
  const places = declared.flatMap((difference) => difference.in);
  const undeclared = findings.filter(({ place }) => !places.some((start) => place.startsWith(start)));
  const unseen = places.filter((start) => !findings.some(({ place }) => place.startsWith(start)));
  return [
    ...undeclared.map(
      ({ place, vtctlclient, vtmigrate }) => `${place}\n  vtctlclient: ${vtctlclient}\n  vtmigrate:   ${vtmigrate}`,
    ),
    ...unseen.map((start) => `declared, but equal: ${start}`),
  ];
}
