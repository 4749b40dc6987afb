import { useEffect, useState } from "react";

const slot = "agentmesh.approvals.keys";

/** Whether single letters do something here: who speaks to a computer may not want them to (WCAG 2.1.4). Kept in this browser. */
export function useKeysOn(): readonly [boolean, (on: boolean) => void] {
  const [on, setOn] = useState(read);
  return [
    on,
    (wanted) => {
      setOn(wanted);
      try {
        if (wanted) localStorage.removeItem(slot);
        else localStorage.setItem(slot, "off");
      } catch {
        // It lasts until the page is left.
      }
    },
  ];
}

function read(): boolean {
  try {
    return localStorage.getItem(slot) !== "off";
  } catch {
    return true;
  }
}

/**
 * Keys that are pressed, one action each. Not while one is held down, not while somebody writes or a dialog is open, and not in a control elsewhere on the
 * page, to which the letter may mean something.
 */
export function useKeys(isOn: boolean, actions: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    if (!isOn) return;
    const pressed = (e: KeyboardEvent) => {
      if (e.repeat || e.ctrlKey || e.metaKey || e.altKey || !isMeant(e.target)) return;
      const action = actions[e.key];
      if (!action) return;
      e.preventDefault();
      action();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  });
}

function isMeant(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement) || document.querySelector("dialog[open]")) return false;
  if (target.isContentEditable || target.matches("input, textarea, select")) return false;
  return target.closest("[data-keys]") !== null || !target.matches("a, button, summary, [tabindex='0']");
}
