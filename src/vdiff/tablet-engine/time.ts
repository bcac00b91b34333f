/** "2006-01-02 15:04:05", in UTC, as MySQL prints times. */
export function formatTime(time: Date): string {
  return time.toISOString().slice(0, 19).replace("T", " ");
}
