import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";

const slot = "agentmesh.theme";
const dark = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

function chosen(): Theme {
  try {
    const kept = localStorage.getItem(slot);
    return kept === "light" || kept === "dark" ? kept : "system";
  } catch {
    return "system";
  }
}

let current = chosen();

function show() {
  document.documentElement.dataset.theme = shownTheme();
  for (const listener of listeners) listener();
}

dark.addEventListener("change", show);

export const shownTheme = (): "light" | "dark" => (current === "system" ? (dark.matches ? "dark" : "light") : current);

export function setTheme(theme: Theme): void {
  current = theme;
  try {
    if (theme === "system") localStorage.removeItem(slot);
    else localStorage.setItem(slot, theme);
  } catch {
    // It lasts until the page is left.
  }
  show();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useTheme = (): Theme => useSyncExternalStore(subscribe, () => current);
export const useShownTheme = (): "light" | "dark" => useSyncExternalStore(subscribe, shownTheme);
