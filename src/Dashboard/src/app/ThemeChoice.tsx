import { Icon } from "../parts/Icon";
import { setTheme, type Theme, useTheme } from "./theme";

const themes = [
  { theme: "system", icon: "system", name: "As the system" },
  { theme: "light", icon: "sun", name: "Light" },
  { theme: "dark", icon: "moon", name: "Dark" },
] as const satisfies readonly { theme: Theme; icon: string; name: string }[];

export function ThemeChoice() {
  const chosen = useTheme();
  return (
    <div role="group" aria-label="Theme" className="flex gap-0.5 rounded-md bg-sunken p-0.5">
      {themes.map(({ theme, icon, name }) => (
        <button
          key={theme}
          type="button"
          aria-pressed={chosen === theme}
          aria-label={name}
          title={name}
          onClick={() => setTheme(theme)}
          className={`flex h-8 flex-1 items-center justify-center rounded ${chosen === theme ? "bg-panel text-ink shadow-sm" : "text-dim hover:text-ink"}`}
        >
          <Icon name={icon} />
        </button>
      ))}
    </div>
  );
}
