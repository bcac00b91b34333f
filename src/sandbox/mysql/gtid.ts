/** Sets of MySQL 5.6 GTIDs: "<uuid>:1-5:7,<uuid>:1". */

type Interval = [first: number, last: number];

export class GtidSet {
  private readonly byUuid = new Map<string, Interval[]>();

  /** Throws RangeError for a text that is no set. */
  static parse(text: string): GtidSet {
    const set = new GtidSet();
    for (const part of text.split(",").map((each) => each.trim())) {
      if (part === "") continue;
      const [uuid = "", ...intervals] = part.split(":");
      if (!/^[0-9a-fA-F-]{36}$/.test(uuid) || intervals.length === 0) throw new RangeError(`'${text}' is no GTID set`);
      for (const interval of intervals) {
        const match = /^(\d+)(?:-(\d+))?$/.exec(interval.trim());
        if (!match) throw new RangeError(`'${text}' is no GTID set`);
        set.addInterval(uuid.toLowerCase(), [Number(match[1]), Number(match[2] ?? match[1])]);
      }
    }
    return set;
  }

  /** "<uuid>:<n>" */
  add(gtid: string): void {
    const [uuid = "", number = ""] = gtid.split(":");
    this.addInterval(uuid.toLowerCase(), [Number(number), Number(number)]);
  }

  private addInterval(uuid: string, [first, last]: Interval): void {
    const intervals = this.byUuid.get(uuid) ?? [];
    const end = intervals.at(-1);
    // The usual case: the next transaction of the same server.
    if (end && first === end[1] + 1) {
      end[1] = last;
      return;
    }
    intervals.push([first, last]);
    intervals.sort((a, b) => a[0] - b[0]);
    const merged: Interval[] = [];
    for (const interval of intervals) {
      const previous = merged.at(-1);
      if (previous && interval[0] <= previous[1] + 1) previous[1] = Math.max(previous[1], interval[1]);
      else merged.push([...interval]);
    }
    this.byUuid.set(uuid, merged);
  }

  has(gtid: string): boolean {
    const [uuid = "", text = ""] = gtid.split(":");
    const number = Number(text);
    return (this.byUuid.get(uuid.toLowerCase()) ?? []).some(([first, last]) => first <= number && number <= last);
  }

  contains(other: GtidSet): boolean {
    return [...other.byUuid].every(([uuid, intervals]) => {
      const own = this.byUuid.get(uuid) ?? [];
      return intervals.every(([first, last]) => own.some((interval) => interval[0] <= first && last <= interval[1]));
    });
  }

  /** The highest number of a server's transactions; 0 when there is none. */
  last(uuid: string): number {
    return this.byUuid.get(uuid.toLowerCase())?.at(-1)?.[1] ?? 0;
  }

  toString(): string {
    const uuids = [...this.byUuid.keys()].sort();
    return uuids
      .map(
        (uuid) =>
          `${uuid}${(this.byUuid.get(uuid) ?? []).map(([first, last]) => `:${first === last ? first : `${first}-${last}`}`).join("")}`,
      )
      .join(",");
  }
}
