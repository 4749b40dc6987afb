/** Milliseconds since the epoch, with the journal's fractions of them: short steps take less than one. */
export function parseTime(text: string): number {
  const match = /^(.*?:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (!match) return Date.parse(text);
  return Date.parse(`${match[1]}${match[3]}`) + Number(match[2] ?? 0) * 1000;
}

/** A .NET time span (`1.02:03:04.5`) in seconds. */
export function parseSpan(text: string): number {
  const match = /^(-)?(?:(\d+)\.)?(\d+):(\d\d):(\d\d(?:\.\d+)?)$/.exec(text);
  if (!match) return Number.NaN;
  const seconds = Number(match[2] ?? 0) * 86_400 + Number(match[3]) * 3_600 + Number(match[4]) * 60 + Number(match[5]);
  return match[1] ? -seconds : seconds;
}
