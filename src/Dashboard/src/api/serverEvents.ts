/** One server-sent event. */
export interface ServerEvent {
  readonly id: string;
  readonly data: string;
}

/** Takes a stream of server-sent events apart, in whatever pieces it comes. */
export class EventParser {
  private rest = "";
  private id = "";
  private data: string[] = [];

  push(text: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line !== "") {
        this.field(line);
        continue;
      }
      if (this.data.length > 0) events.push({ id: this.id, data: this.data.join("\n") });
      this.data = [];
    }
    return events;
  }

  private field(line: string): void {
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (name === "id") this.id = value;
    else if (name === "data") this.data.push(value);
  }
}
