/** The API key of this browser tab, and whether the server has asked for one. Kept until the tab closes. */
const slot = "agentmesh.key";
type Listener = () => void;

class Session {
  private readonly listeners = new Set<Listener>();
  private wanted = false;

  get key(): string | null {
    try {
      return sessionStorage.getItem(slot);
    } catch {
      return this.memory;
    }
  }

  /** True when the server refused the last request for want of a good key. */
  get keyWanted(): boolean {
    return this.wanted;
  }

  private memory: string | null = null;

  use(key: string | null): void {
    this.memory = key;
    this.wanted = false;
    try {
      if (key === null) sessionStorage.removeItem(slot);
      else sessionStorage.setItem(slot, key);
    } catch {
      // A browser that keeps nothing has it until the page is left.
    }
    this.tell();
  }

  refuse(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.tell();
  }

  readonly subscribe = (listener: Listener): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

export const session = new Session();
